import type { Config } from '../server/config/schema.ts';
import { type InstanceFile, readInstanceFile } from '../server/instance-file.ts';
import { localEndpoint, localRequest } from './local-request.ts';

/** The server at work on a data directory. */
export interface RunningServer {
  readonly instance: InstanceFile;
  /** What it says of itself. */
  readonly status: Readonly<Record<string, unknown>>;
  /** GETs one of its pages; undefined when it does not answer in time. */
  page(path: string, timeoutMs?: number): Promise<{ status: number; body: string } | undefined>;
}

function parsed(body: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(body) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

/**
 * Finds the server that left its instance file in the data directory. A file left by a killed server, or a port that
 * another server has taken since, is no server: what answers must have started when the file says.
 */
export async function runningServer(config: Config): Promise<RunningServer | undefined> {
  const instance = await readInstanceFile(config.dataDir);
  if (instance === undefined) return undefined;
  const endpoint = localEndpoint(instance.endpoints);
  const page: RunningServer['page'] = (path, timeoutMs) =>
    localRequest(`${endpoint}${path}`, instance.caFile, timeoutMs);
  const answer = endpoint === undefined ? undefined : await page('/-/status');
  const status = answer?.status === 200 ? parsed(answer.body) : undefined;
  return status?.startedAt === instance.startedAt ? { instance, status, page } : undefined;
}
