import { userInfo } from 'node:os';
import { UnwrapperUnusable } from './unwrapper.ts';

/** The name of the user that this process runs as; its number where it has none. */
function thisUser(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.geteuid?.() ?? 'this user');
  }
}

/** What to do about a file with a key or a share that is there and cannot be read. */
export function unreadable(what: string, path: string, error: unknown): UnwrapperUnusable {
  const code = (error as NodeJS.ErrnoException).code ?? String(error);
  const message = `${what} ${path} cannot be read: ${code}`;
  if (code === 'ENOENT') return new UnwrapperUnusable(message, `Restore ${path} from its backup.`);
  if (code !== 'EACCES' && code !== 'EPERM') return new UnwrapperUnusable(message, `See what is at ${path}.`);
  return new UnwrapperUnusable(
    message,
    `The server's user (now: ${thisUser()}) must own it and be able to enter its directory: chown ${thisUser()} ${path}; chmod 600 ${path}`,
  );
}
