import { access, chmod, constants, mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { StartRefused } from './start-refused.ts';

/** Makes the data directory, or checks that it is ours alone. */
export async function prepareDataDirectory(path: string): Promise<void> {
  try {
    if ((await mkdir(path, { recursive: true, mode: 0o700 })) !== undefined) {
      await chmod(path, 0o700);
      return;
    }
    const found = await stat(path);
    if (!found.isDirectory()) throw new StartRefused(`${path} is not a directory; name another data directory.`);
    if ((found.mode & 0o077) !== 0) throw new StartRefused(`${path} can be entered by others; run: chmod 700 ${path}`);
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    if (error instanceof StartRefused) throw error;
    throw new StartRefused(
      `the data directory ${path} cannot be used (${(error as NodeJS.ErrnoException).code}); check its owner and permissions, and that its file system can be written.`,
    );
  }
}

/**
 * What a command that only looks says when this user may not read the data directory, in which it would seem that no
 * server ever ran. Undefined when it may, or when there is no directory.
 */
export async function whyUnreadable(path: string): Promise<string | undefined> {
  const instance = join(path, 'server.json');
  const looks: readonly (readonly [string, () => Promise<unknown>])[] = [
    [path, () => readdir(path)],
    [instance, () => readFile(instance)],
  ];
  for (const [part, look] of looks) {
    const code = await look().then(
      () => undefined,
      (error: NodeJS.ErrnoException) => error.code,
    );
    if (code === 'EACCES' || code === 'EPERM') return `${part} cannot be read (${code})`;
  }
  return undefined;
}
