import { readFile } from 'node:fs/promises';
import { StartRefused } from './start-refused.ts';

/** Reads a file that the configuration names under `key`. */
export async function readOwn(path: string, key: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new StartRefused(`${path} cannot be read (${(error as NodeJS.ErrnoException).code}); check ${key}.`);
  }
}
