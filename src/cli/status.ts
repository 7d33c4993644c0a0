import { loadConfig } from '../server/config/load.ts';
import { whyUnreadable } from '../server/data-directory.ts';
import { options } from './options.ts';
import { runningServer } from './running-server.ts';

/**
 * `coffer status`: 0 when the server of this data directory runs and is ready, 3 when it does not run, 4 when it is not
 * ready or this user may not know.
 */
export async function run(args: readonly string[]): Promise<number> {
  const values = options(args, { config: { type: 'string' }, json: { type: 'boolean' } });
  const config = await loadConfig(values.config, process.cwd());
  const unreadable = await whyUnreadable(config.dataDir);
  if (unreadable !== undefined) {
    if (values.json) process.stdout.write(`${JSON.stringify({ running: null, reason: unreadable })}\n`);
    else process.stdout.write(`${unreadable}; run this as the server's user.\n`);
    return 4;
  }
  const server = await runningServer(config);
  if (server === undefined) {
    process.stdout.write(
      values.json ? '{"running":false}\n' : `No server runs on ${config.dataDir}. Start one with: coffer serve\n`,
    );
    return 3;
  }
  const ready = (await server.page('/-/ready'))?.status === 200;
  const { pid, endpoints } = server.instance;
  const status = { running: true, ready, pid, endpoints, ...server.status };
  if (values.json) {
    process.stdout.write(`${JSON.stringify(status)}\n`);
  } else {
    for (const [name, value] of Object.entries(status))
      process.stdout.write(`${name.padEnd(20)} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}\n`);
  }
  return ready ? 0 : 4;
}
