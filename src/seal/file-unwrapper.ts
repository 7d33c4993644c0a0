import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Secret } from '../core/secret.ts';
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
        throw new UnwrapperUnusable(
          `key file ${path} cannot be read: ${(error as NodeJS.ErrnoException).code}`,
          `Restore ${path} from its backup.`,
        );
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
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const file = await open(path, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'EEXIST') return undefined;
        throw error;
      });
      if (file === undefined) return true;
      try {
        await file.writeFile(`${randomBytes(32).toString('hex')}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
      return true;
    },
  };
}
