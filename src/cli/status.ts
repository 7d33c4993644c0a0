import { loadConfig } from '../server/config/load.ts';
import { readInstanceFile } from '../server/instance-file.ts';
import { localEndpoint, localRequest } from './local-request.ts';
import { options } from './options.ts';

/** `coffer status`: 0 when the server of this data directory runs and is ready, 3 when it does not run, 4 when it is not ready. */
export async function run(args: readonly string[]): Promise<number> {
  const values = options(args, { config: { type: 'string' }, json: { type: 'boolean' } });
  const config = await loadConfig(values.config, process.cwd());
  const instance = await readInstanceFile(config.dataDir);
  const endpoint = localEndpoint(instance?.endpoints ?? []);
  const answer = endpoint === undefined ? undefined : await localRequest(`${endpoint}/-/status`, instance?.caFile);
  if (instance === undefined || endpoint === undefined || answer === undefined) {
    process.stdout.write(
      values.json ? '{"running":false}\n' : `No server runs on ${config.dataDir}. Start one with: coffer serve\n`,
    );
    return 3;
  }
  const ready = await localRequest(`${endpoint}/-/ready`, instance.caFile);
  const status = {
    running: true,
    ready: ready?.status === 200,
    pid: instance.pid,
    endpoints: instance.endpoints,
    ...(JSON.parse(answer.body) as object),
  };
  if (values.json) {
    process.stdout.write(`${JSON.stringify(status)}\n`);
  } else {
    for (const [name, value] of Object.entries(status))
      process.stdout.write(`${name.padEnd(20)} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}\n`);
  }
  return status.ready ? 0 : 4;
}
