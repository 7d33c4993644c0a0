import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { AbsentDevice } from '../hsm-tasks/absent-devices.ts';
import type { Log } from '../pipeline/ports.ts';
import type { Config } from './config/schema.ts';
import { StartRefused } from './start-refused.ts';

/** Where an operator writes the ids of HSMs that are lost for good. */
export function lostFile(config: Config): string {
  return join(config.dataDir, 'hsm', 'lost');
}

/**
 * Judges HSMs that records name and this node does not have. With SQLite there is no other node, so they were not
 * restored together with the database; the start is refused, since a token that only looks free would be erased by
 * whoever takes it. With a database that nodes share, another node may have them: the log says which.
 */
export async function judgeAbsent(config: Config, absent: readonly AbsentDevice[], log: Log): Promise<void> {
  if (absent.length === 0) return;
  if (config.storage.kind === 'sqlite') {
    const file = lostFile(config);
    const lost = (await readFile(file, 'utf8').catch(() => '')).split(/\s+/);
    const missing = absent.map(({ deviceId }) => deviceId).filter((deviceId) => !lost.includes(deviceId));
    if (missing.length > 0) {
      throw new StartRefused(
        `the database names HSMs that are not in ${join(config.dataDir, 'hsm')}: ${missing.join(', ')}; restore that directory from the same backup. If they are lost for good, write their ids into ${file}, one a line, and start again.`,
      );
    }
  }
  for (const device of absent) log.warn({ ...device }, 'an HSM of the database is not on this node');
}

/** Ids of the HSMs handed out in this data directory, whatever the database says. */
async function handedOut(directory: string): Promise<string[]> {
  const found: string[] = [];
  for (const name of await readdir(directory).catch(() => [])) {
    // As long as there is no record in it, nobody has the HSM.
    const record = await stat(join(directory, name, 'device.json')).catch(() => undefined);
    if (record !== undefined) found.push(name);
  }
  return found;
}

/**
 * What is wrong when a database without an account stands beside HSMs that were handed out: their owner's records are in
 * a database that is not here. Undefined when there are none.
 */
export async function forgottenDevices(
  config: Config,
): Promise<{ readonly detail: string; readonly advice: string } | undefined> {
  const directory = join(config.dataDir, 'hsm');
  const [one, ...more] = await handedOut(directory);
  if (one === undefined) return undefined;
  const which = more.length === 0 ? one : `${one} and ${more.length} more`;
  return {
    detail: `the database holds no account, but ${directory} holds HSMs that were handed out (${which})`,
    advice: 'restore the database from the same backup as that directory, or take another data directory.',
  };
}
