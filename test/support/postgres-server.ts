/** One private PostgreSQL server per test run, from the system's packages, started by the first test that needs it. */
import { execFileSync, spawn } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';

const PACKAGES = '/usr/lib/postgresql';
const START_MS = 60_000;
const LOOK_MS = 50;

function binaries(): string {
  const versions = existsSync(PACKAGES) ? readdirSync(PACKAGES) : [];
  const newest = versions.toSorted((a, b) => Number(b) - Number(a))[0];
  const path = join(PACKAGES, newest ?? '', 'bin');
  if (newest === undefined || !existsSync(join(path, 'initdb')))
    throw new Error('The tests need PostgreSQL. Run: apt-get install --yes postgresql');
  return path;
}

/** PostgreSQL refuses to run as root; its package has made a user for it. */
function serverUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 1000 });
  client.on('error', () => {});
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

async function start(directory: string): Promise<string> {
  const bin = binaries();
  const user = serverUser();
  const home = join(directory, 'postgres');
  mkdirSync(home, { mode: 0o700 });
  if (user !== undefined) chownSync(home, user.uid, user.gid);
  const data = join(home, 'data');
  // A default order that is not by bytes: the tables must ask for theirs.
  const locale = ['--locale=C.UTF-8', '--locale-provider=icu', '--icu-locale=en-US'];
  const init = ['-D', data, '-U', 'coffer', '-A', 'trust', '-E', 'UTF8', '--no-sync', ...locale];
  execFileSync(join(bin, 'initdb'), init, { ...user, cwd: '/', stdio: 'pipe' });
  const port = await freePort();
  const log = openSync(join(directory, 'postgres.log'), 'a');
  const settings = ['fsync=off', 'max_connections=200', 'shared_buffers=64MB', 'log_min_messages=warning'];
  const server = spawn(
    join(bin, 'postgres'),
    ['-D', data, '-k', home, '-h', '127.0.0.1', '-p', String(port), ...settings.flatMap((one) => ['-c', one])],
    { ...user, cwd: '/', stdio: ['ignore', log, log], env: {} },
  );
  server.unref();
  writeFileSync(join(directory, 'postgres.pid'), String(server.pid));
  const url = `postgres://coffer@127.0.0.1:${port}/postgres`;
  const until = Date.now() + START_MS;
  while (!(await answers(url))) {
    if (Date.now() > until || server.exitCode !== null)
      throw new Error(`PostgreSQL did not start:\n${readFileSync(join(directory, 'postgres.log'), 'utf8')}`);
    await pause(LOOK_MS);
  }
  return url;
}

function publish(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

/** The server's URL (database `postgres`); starts the server unless another test file has, or waits until it has. */
export async function postgresServer(directory: string): Promise<string> {
  const [urlFile, failedFile] = [join(directory, 'postgres.url'), join(directory, 'postgres.failed')];
  const mine = mkdirSync(join(directory, 'postgres.starting'), { recursive: true }) !== undefined;
  if (mine) {
    try {
      publish(urlFile, await start(directory));
    } catch (error) {
      publish(failedFile, (error as Error).message);
      throw error;
    }
  }
  const until = Date.now() + START_MS;
  while (!existsSync(urlFile)) {
    if (existsSync(failedFile)) throw new Error(readFileSync(failedFile, 'utf8'));
    if (Date.now() > until) throw new Error('PostgreSQL did not start in time');
    await pause(LOOK_MS);
  }
  return readFileSync(urlFile, 'utf8');
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Stops the server if it was started. */
export async function stopPostgres(directory: string): Promise<void> {
  const file = join(directory, 'postgres.pid');
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8'));
  if (!alive(pid)) return;
  // An immediate shutdown: the data goes away with the directory.
  process.kill(pid, 'SIGQUIT');
  const until = Date.now() + START_MS;
  while (alive(pid) && Date.now() < until) await pause(LOOK_MS);
}
