import { loadConfig } from '../server/config/load.ts';
import { startServer } from '../server/server.ts';
import { firstStartText } from './first-start-text.ts';
import { options } from './options.ts';

/** `coffer serve`: one ready line on standard output once it listens; ends on SIGTERM or SIGINT. */
export async function run(args: readonly string[]): Promise<number> {
  const values = options(args, { config: { type: 'string' } });
  const config = await loadConfig(values.config, process.cwd());
  const server = await startServer(config);
  const { firstStart } = server.coffer;
  if (firstStart !== undefined) process.stdout.write(firstStartText(server, firstStart));
  process.stdout.write(`coffer ready: ${server.endpoints.join(' ')}\n`);
  const signal = await new Promise<string>((resolve) => {
    process.once('SIGTERM', () => resolve('SIGTERM'));
    process.once('SIGINT', () => resolve('SIGINT'));
  });
  server.coffer.log.info({ signal }, 'stopping');
  await server.stop();
  return 0;
}
