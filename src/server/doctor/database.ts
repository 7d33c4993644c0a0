import { statfs } from 'node:fs/promises';
import { ACCOUNTS, EVERY_ACCOUNT } from '../../domain/ram/account.ts';
import type { Storage } from '../../domain/storage.ts';
import { inspectStorage } from '../../storage/inspect.ts';
import type { StorageOptions } from '../../storage/options.ts';
import type { Config } from '../config/schema.ts';
import { forgottenDevices } from '../lost-devices.ts';
import { unservedRegion } from '../regions.ts';
import { type Finding, ok, problem, warning } from './check.ts';

const MIB = 1_048_576;

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const mebibytes = (bytes: number): string => `${(bytes / MIB).toFixed(1)} MiB`;

/** Whether the database can be read whole, and what is in it. */
export async function checkContents(options: StorageOptions): Promise<Finding[]> {
  try {
    const found = await inspectStorage(options);
    const size = `${found.where}: ${mebibytes(found.sizeBytes)}, schema ${found.schema} of ${found.known}, ${found.events} events, ${found.unfinishedTasks} tasks waiting`;
    return found.integrity === 'ok'
      ? [ok('database', size)]
      : [problem('database', found.integrity, 'Keep a copy, then restore the latest backup.')];
  } catch (error) {
    return [problem('database', (error as Error).message, 'See the message.')];
  }
}

/** Whether the database takes a write: every call needs one, also one that only reads, for its event. */
export async function checkWrites(storage: Storage): Promise<Finding[]> {
  try {
    await storage.ping();
    return [];
  } catch (error) {
    return [
      problem(
        'database',
        `takes no writes, so every call fails: ${(error as Error).message}`,
        'Make room on its disk, or mend what the message names; the server goes on by itself.',
      ),
    ];
  }
}

/** Whether a database without an account stands where there was another. */
export async function checkAccount(config: Config, storage: Storage): Promise<Finding[]> {
  if ((await storage.reader.count(ACCOUNTS, EVERY_ACCOUNT)) > 0) return [];
  const forgotten = await forgottenDevices(config);
  if (forgotten === undefined) return [];
  return [problem('database', forgotten.detail, capitalised(forgotten.advice))];
}

/** Whether the configuration serves every region that the database holds something of. */
export async function checkRegions(config: Config, storage: Storage): Promise<Finding[]> {
  const wrong = await unservedRegion(config, storage);
  if (wrong === undefined) return [];
  return [problem('regions', wrong.detail, capitalised(wrong.advice))];
}

/** Free space below which it is time to look: a twentieth of the file system, and of a large one this much. */
const LITTLE_BYTES = 1024 * MIB;
const LITTLE_PART = 0.05;

/** What is said of `freeBytes` left of a file system of `totalBytes`. */
export function judgeSpace(directory: string, freeBytes: number, totalBytes: number): Finding {
  const detail = `${mebibytes(freeBytes)} of ${mebibytes(totalBytes)} free for ${directory}`;
  return freeBytes < Math.min(LITTLE_BYTES, totalBytes * LITTLE_PART)
    ? warning('disk', detail, 'Make room: on a full disk every call fails.')
    : ok('disk', detail);
}

/** How much room the data directory has left. */
export async function checkSpace(directory: string): Promise<Finding[]> {
  const { bavail, blocks, bsize } = await statfs(directory);
  return [judgeSpace(directory, bavail * bsize, blocks * bsize)];
}
