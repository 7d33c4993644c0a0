import { loadConfig } from '../server/config/load.ts';
import { type Server, startServer } from '../server/server.ts';
import { StartRefused } from '../server/start-refused.ts';
import { clientsText, rootKeyText } from './first-start-text.ts';
import { options } from './options.ts';
import { runningServer } from './running-server.ts';

/** For closing what the grace did not cover: HSM processes and the database. */
const CLOSING_MS = 10_000;

/** Stops the server; when something hangs beyond the grace, ends the program all the same: what is kept is durable. */
async function stopInTime(server: Server): Promise<void> {
  const { log, config } = server.coffer;
  const hanging = setTimeout(
    () => {
      log.error({}, 'something did not stop in time');
      process.exit(1);
    },
    config.shutdownGraceSeconds * 1000 + CLOSING_MS,
  );
  await server.stop();
  // Kept, but no reason to stay: it fires only if something else keeps the program alive.
  hanging.unref();
}

/** `coffer serve`: one ready line on standard output once it listens; ends on SIGTERM or SIGINT. */
export async function run(args: readonly string[]): Promise<number> {
  const values = options(args, { config: { type: 'string' } });
  const config = await loadConfig(values.config, process.cwd());
  // Listened for before anything runs, so that no signal ends the program in the middle.
  const signalled = new Promise<string>((resolve) => {
    process.once('SIGTERM', () => resolve('SIGTERM'));
    process.once('SIGINT', () => resolve('SIGINT'));
  });
  // By default it opens the runtime's debugger, to every user of this machine.
  process.on('SIGUSR1', () => {});
  // SQLite's own lock refuses too; a database elsewhere does not, and two servers would drive the same HSMs.
  const other = await runningServer(config);
  if (other !== undefined) {
    throw new StartRefused(
      `${config.dataDir} is in use by another Coffer process (${other.instance.pid}); stop that one first.`,
    );
  }
  const server = await startServer(config, (first) => {
    process.stdout.write(rootKeyText(first, config.region));
  });
  const { firstStart } = server.coffer;
  if (firstStart !== undefined) process.stdout.write(clientsText(server, firstStart));
  process.stdout.write(`coffer ready: ${server.endpoints.join(' ')}\n`);
  server.coffer.log.info({ signal: await signalled }, 'stopping');
  await stopInTime(server);
  return 0;
}
