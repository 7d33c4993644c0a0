import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a running server leaves in its data directory, so that `coffer status` finds it. No secrets. */
export interface InstanceFile {
  readonly pid: number;
  readonly endpoints: readonly string[];
  readonly caFile?: string;
  readonly startedAt: string;
}

const path = (dataDir: string): string => join(dataDir, 'server.json');

export async function writeInstanceFile(dataDir: string, instance: InstanceFile): Promise<void> {
  await writeFile(path(dataDir), `${JSON.stringify(instance, undefined, 2)}\n`, { mode: 0o600 });
}

function isInstance(value: unknown): value is InstanceFile {
  if (typeof value !== 'object' || value === null) return false;
  const { endpoints, startedAt, caFile } = value as Partial<Record<keyof InstanceFile, unknown>>;
  return (
    Array.isArray(endpoints) &&
    endpoints.every((endpoint) => typeof endpoint === 'string' && URL.canParse(endpoint)) &&
    typeof startedAt === 'string' &&
    (caFile === undefined || typeof caFile === 'string')
  );
}

/** Undefined when no server has left one, or it cannot be read. One may have been left by a server that was killed. */
export async function readInstanceFile(dataDir: string): Promise<InstanceFile | undefined> {
  try {
    const found: unknown = JSON.parse(await readFile(path(dataDir), 'utf8'));
    return isInstance(found) ? found : undefined;
  } catch {
    return undefined;
  }
}

export async function removeInstanceFile(dataDir: string): Promise<void> {
  await rm(path(dataDir), { force: true });
}
