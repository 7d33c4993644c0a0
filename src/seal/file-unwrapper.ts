import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Secret } from '../core/secret.ts';
import { unreadable } from './unreadable.ts';
import { type Unwrapper, UnwrapperUnusable } from './unwrapper.ts';

/** A file with the key-encryption key as 64 hex digits, readable by its owner only. Made at first start. */
export function fileUnwrapper(id: string, path: string): Unwrapper {
  return {
    id,
    type: 'file',
    description: `key file ${path}`,
    key: async () => {
      let text: string;
      try {
        text = await readFile(path, 'utf8');
      } catch (error) {
        throw unreadable('key file', path, error);
      }
      const { mode } = await stat(path);
      if ((mode & 0o077) !== 0) {
        throw new UnwrapperUnusable(`key file ${path} can be read by others`, `Run: chmod 600 ${path}`);
      }
      if (!/^[0-9a-f]{64}\s*$/.test(text)) {
        throw new UnwrapperUnusable(`key file ${path} does not hold 64 hex digits`, `Restore ${path} from its backup.`);
      }
      return new Secret(Buffer.from(text.trim(), 'hex'));
    },
    create: async () => {
      try {
        await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        await makeKeyFile(path);
      } catch (error) {
        throw new UnwrapperUnusable(
          `key file ${path} cannot be made: ${(error as NodeJS.ErrnoException).code}`,
          'Check its directory, or configure another path.',
        );
      }
    },
  };
}

/** Written beside and linked, so that the file is there whole or not at all, and one that is there is never replaced. */
async function makeKeyFile(path: string): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.new`;
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(`${randomBytes(32).toString('hex')}\n`);
    await file.sync();
    await link(temporary, path);
    const directory = await open(dirname(path), 'r');
    await directory.sync().finally(() => directory.close());
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await file.close();
    await rm(temporary, { force: true });
  }
}
