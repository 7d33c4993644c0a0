import { access, chmod, constants, mkdir, stat } from 'node:fs/promises';
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
      `the data directory ${path} cannot be used (${(error as NodeJS.ErrnoException).code}); check its owner and permissions.`,
    );
  }
}
