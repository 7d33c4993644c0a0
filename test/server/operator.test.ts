/** What an operator meets around a server: what runs, what does not, and what is in the way. */
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { run as doctor } from '../../src/cli/doctor.ts';
import { localRequest } from '../../src/cli/local-request.ts';
import { run as rootAccessKey } from '../../src/cli/root-access-key.ts';
import { runningServer } from '../../src/cli/running-server.ts';
import { run as shares } from '../../src/cli/shares.ts';
import { run as status } from '../../src/cli/status.ts';
import { CLOCK, CLOCK_PLACE } from '../../src/server/clock.ts';
import { openCoffer } from '../../src/server/coffer.ts';
import { parseConfig } from '../../src/server/config/load.ts';
import { judgeSpace } from '../../src/server/doctor/database.ts';
import { examine } from '../../src/server/doctor/doctor.ts';
import { readInstanceFile } from '../../src/server/instance-file.ts';
import { storageLocation } from '../../src/server/parts.ts';
import { startServer } from '../../src/server/server.ts';
import { inspectStorage } from '../../src/storage/inspect.ts';
import type { StorageOptions } from '../../src/storage/options.ts';
import { startTestServer, type TestServer } from '../support/coffer.ts';
import { eventually } from '../support/eventually.ts';
import { asOtherUser } from '../support/other-user.ts';
import { configured, runProgram, serve } from '../support/program.ts';

const directories: string[] = [];
const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});
afterAll(async () => {
  for (const directory of directories) await rm(directory, { recursive: true, force: true });
});

async function directoryFor(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'coffer-operator-'));
  directories.push(directory);
  return directory;
}

async function running(configuration = ''): Promise<TestServer> {
  const server = await startTestServer(configuration);
  cleanUps.push(() => server.close());
  return server;
}

describe('which server runs on a data directory', () => {
  it('is the one that left the file, while it answers', async () => {
    const { server } = await running();
    const found = await runningServer(server.coffer.config);
    expect(found?.status).toMatchObject({ account: server.coffer.account });
    expect((await found!.page('/-/ready'))?.status).toBe(200);
  });

  it('is none after a stop', async () => {
    const started = await startTestServer();
    await started.server.stop();
    expect(await readInstanceFile(started.server.coffer.config.dataDir)).toBeUndefined();
    expect(await runningServer(started.server.coffer.config)).toBeUndefined();
    await rm(started.directory, { recursive: true });
  });

  it('is none when another server has the port by now', async () => {
    const { server } = await running();
    const other = parseConfig('dataDir: .', 'test', await directoryFor());
    const left = { pid: 1, endpoints: server.endpoints, startedAt: '2026-01-01T00:00:00.000Z' };
    await writeFile(join(other.dataDir, 'server.json'), JSON.stringify(left));
    expect(await readInstanceFile(other.dataDir)).toEqual(left);
    expect(await runningServer(other)).toBeUndefined();
  });

  it.each(['', '{', 'null', '{}', '{"endpoints":["x"],"startedAt":"y"}', '{"endpoints":[1],"startedAt":"y"}'])(
    'is none when the file holds %j',
    async (text) => {
      const config = parseConfig('dataDir: .', 'test', await directoryFor());
      await writeFile(join(config.dataDir, 'server.json'), text);
      expect(await runningServer(config)).toBeUndefined();
    },
  );

  it('is none after a kill, says coffer status', async () => {
    const directory = await configured();
    directories.push(directory);
    const serving = await serve(directory);
    serving.child.kill('SIGKILL');
    await serving.outcome;
    expect(await readFile(join(directory, 'data', 'server.json'), 'utf8')).toContain('endpoints');
    const status = await runProgram(['status', '--config', 'coffer.yaml', '--json'], directory);
    expect(status).toMatchObject({ code: 3, stdout: '{"running":false}\n' });
  });
});

describe('a user who may not read the data directory', () => {
  const told = async (command: typeof status, ...args: string[]): Promise<unknown[]> => {
    const directory = await configured();
    directories.push(directory);
    await mkdir(join(directory, 'data'), { mode: 0o000 });
    await chmod(directory, 0o755);
    const print = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    try {
      const code = await asOtherUser(() => command([...args, '--config', join(directory, 'coffer.yaml')]));
      return [code, print.mock.calls.join('')];
    } finally {
      print.mockRestore();
    }
  };

  it('is told so by coffer status', async () => {
    expect(await told(status)).toEqual([
      4,
      expect.stringMatching(/data cannot be read \(EACCES\); run this as the server's user\.\n$/),
    ]);
    const [code, text] = await told(status, '--json');
    expect([code, JSON.parse(text as string)]).toEqual([4, { running: null, reason: expect.any(String) }]);
  });

  it('is told so by coffer doctor', async () => {
    expect(await told(doctor)).toEqual([1, expect.stringMatching(/^PROBLEM data directory: .*EACCES.*\n.*user\.\n$/)]);
  });

  it('is told so by coffer root-access-key', async () => {
    await expect(told(rootAccessKey, '--replace')).rejects.toMatchObject({
      name: 'StartRefused',
      message: expect.stringContaining("run this as the server's user"),
    });
  });
});

describe('asking a page of a server', () => {
  const listening = async (onConnection: (socket: Socket) => void) => {
    const net = createServer(onConnection);
    await new Promise<void>((resolve) => net.listen(0, '127.0.0.1', resolve));
    cleanUps.push(() => net.close());
    return `http://127.0.0.1:${(net.address() as { port: number }).port}/`;
  };

  it('ends when nothing is said', async () => {
    const url = await listening((socket) => void socket.on('error', () => {}));
    expect(await localRequest(url, undefined, 50)).toBeUndefined();
  });

  it('ends when the answer is cut off', async () => {
    const url = await listening((socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'));
    });
    expect(await localRequest(url, undefined, 5_000)).toBeUndefined();
  });

  it.each([
    ['nobody listens', 'http://127.0.0.1:1/', undefined],
    ['the CA file is gone', 'https://127.0.0.1:1/', '/none/ca.pem'],
    ['the address is none', 'http://[::/', undefined],
  ])('ends when %s', async (_, url, caFile) => {
    expect(await localRequest(url, caFile, 1_000)).toBeUndefined();
  });
});

describe('a start is refused in a sentence', () => {
  it('when the port is taken, and leaves nothing behind', async () => {
    const { server } = await running();
    const directory = await directoryFor();
    const port = new URL(server.endpoints[0]!).port;
    const text = `dataDir: data\nlog: { level: error }\nlisten: [{ port: ${port} }]`;
    await expect(startServer(parseConfig(text, 'test', directory))).rejects.toMatchObject({
      name: 'StartRefused',
      message: expect.stringContaining(`cannot listen on 127.0.0.1, port ${port} (EADDRINUSE)`),
    });
    const free = await startServer(parseConfig(text.replace(port, '0'), 'test', directory));
    await free.stop();
  });

  it('when the port for metrics is taken, naming that one', async () => {
    const { server } = await running();
    const port = new URL(server.endpoints[0]!).port;
    const text = `dataDir: data\nlog: { level: error }\nlisten: [{ port: 0 }]\nmetrics: { port: ${port} }`;
    await expect(startServer(parseConfig(text, 'test', await directoryFor()))).rejects.toMatchObject({
      name: 'StartRefused',
      message: expect.stringMatching(/EADDRINUSE.*change metrics\.port\.$/),
    });
  });

  it.each([
    ['nonsense canary', 0o600, 'does not hold the URL of a database'],
    ['mysql://user:canary@localhost/db', 0o600, 'does not hold the URL of a database'],
    ['postgres://user:canary#@localhost/db', 0o600, 'does not hold the URL of a database'],
    ['postgres://user:canary@localhost/db', 0o604, 'can be read by everybody; run: chmod o= '],
  ])('when storage.urlFile holds %j with mode %o, without showing it', async (text, mode, reason) => {
    const directory = await directoryFor();
    const file = join(directory, 'url');
    await writeFile(file, `${text}\n`);
    await chmod(file, mode);
    const config = parseConfig(`dataDir: data\nstorage: { kind: postgres, urlFile: ${file} }`, 'test', directory);
    const refusal: Error = await storageLocation(config).then(
      () => expect.unreachable(),
      (error) => error,
    );
    expect(refusal).toMatchObject({ name: 'StartRefused', message: expect.stringContaining(reason) });
    expect(refusal.message).not.toContain('canary');
  });

  it.each([
    'postgres://user:pass%23@db.example:5432/coffer?sslmode=require',
    'postgresql://user@db/coffer',
    'postgres:///coffer?host=/var/run/postgresql',
    'postgres://user:pass@/coffer?host=/var/run/postgresql',
  ])('but not when storage.urlFile holds %s and its group may read it', async (url) => {
    const directory = await directoryFor();
    const file = join(directory, 'url');
    await writeFile(file, `${url}\n`);
    await chmod(file, 0o640);
    const config = parseConfig(`dataDir: data\nstorage: { kind: postgres, urlFile: ${file} }`, 'test', directory);
    expect(await storageLocation(config)).toMatchObject({ kind: 'postgres', url });
  });

  it('when the clock of the database was moved and the server is for production', async () => {
    const started = await running();
    const { coffer } = started.server;
    await coffer.storage.transaction(async (tx) => {
      await tx.insert(CLOCK, CLOCK_PLACE, { id: 'clock' as const, offsetMs: 86_400_000 });
    });
    await started.restart();
    const moved = started.server.coffer.clock;
    expect(Math.round((moved.now().getTime() - moved.wall().getTime()) / 1000)).toBe(86_400);
    await started.server.stop();
    await expect(openCoffer({ ...started.server.coffer.config, mode: 'production' })).rejects.toMatchObject({
      name: 'StartRefused',
      message: expect.stringContaining('moved 86400 s ahead'),
    });
    await started.restart();
  });
});

describe('the doctor', () => {
  it('goes on past a check that fails', async () => {
    const { server } = await running();
    const { config, storage, clock, devices } = server.coffer;
    const broken = { ...storage, lookupEvents: () => Promise.reject(new Error('table is damaged')) };
    const storageOptions = { kind: 'sqlite', directory: join(config.dataDir, 'none') } as never;
    const findings = await examine({ config, storage: broken, storageOptions, clock, devices, serving: true });
    const problems = findings.filter((finding) => finding.state === 'problem').map((finding) => finding.what);
    expect(problems).toEqual(expect.arrayContaining(['database', 'clock']));
    expect(findings).toContainEqual(expect.objectContaining({ what: 'root key: key-file', state: 'ok' }));
    expect(findings.every((finding) => finding.state === 'ok' || finding.advice !== '')).toBe(true);
  });

  it('warns of a moved clock, and finds one set back by events from the future', async () => {
    const { server } = await running();
    const { coffer } = server;
    coffer.clock.set(3_600_000);
    expect(await coffer.examine()).toContainEqual(
      expect.objectContaining({ what: 'clock', state: 'warning', detail: expect.stringContaining('3600 s ahead') }),
    );
    const { events } = await coffer.storage.lookupEvents(everything(coffer.account));
    const future = new Date(Date.now() + 10 * 3_600_000).toISOString().replace(/\.\d+/, '');
    await coffer.storage.journal({ event: { ...events[0]!, eventId: 'future', eventTime: future } });
    expect(await coffer.examine()).toContainEqual(
      expect.objectContaining({ what: 'clock', state: 'problem', detail: expect.stringContaining('from the future') }),
    );
  });

  it('is content with shares that their holders keep, and counts them as a way to the root key', async () => {
    const directory = await directoryFor();
    const out = join(directory, 'shares');
    const print = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    await shares(['--id', 'holders', '--shares', '3', '--threshold', '2', '--out', out]);
    print.mockRestore();
    const files = [1, 2, 3].map((n) => join(out, `share-${n}.txt`));
    const text = `dataDir: data\nlog: { level: error }\nlisten: [{ port: 0 }]\nunwrappers:\n  - { id: key-file, type: file, path: key }\n  - { id: holders, type: shares, threshold: 2, files: [${files.join(', ')}] }`;
    const server = await startServer(parseConfig(text, 'test', directory));
    cleanUps.push(() => server.stop());
    const about = async () =>
      (await server.coffer.examine())
        .filter(({ what }) => what.startsWith('root key'))
        .map(({ what, state, detail }) => `${what} ${state} ${detail}`);
    const keyFile = expect.stringMatching(/^root key: key-file ok/);
    expect(await about()).toEqual([keyFile, 'root key: holders ok 2 of 3 Shamir shares opens it']);
    for (const file of files.slice(1)) await rm(file);
    expect(await about()).toEqual([
      keyFile,
      'root key: holders problem only 1 of 2 shares are present',
      expect.stringContaining('only one unwrapper'),
    ]);
    await rm(files[0]!);
    expect(await about()).toEqual([
      keyFile,
      expect.stringMatching(/^root key: holders ok wrapped copy present.*not proven$/),
    ]);
  });

  it('says that a database takes no writes, as on a full disk', async () => {
    const { server } = await running();
    const { storage } = server.coffer;
    const about = async () => (await server.coffer.examine()).filter(({ what }) => what === 'database');
    expect(await about()).toMatchObject([{ state: 'ok' }]);
    vi.spyOn(storage, 'ping').mockRejectedValue(new Error('database or disk is full'));
    expect(await about()).toMatchObject([
      { state: 'ok' },
      {
        state: 'problem',
        detail: expect.stringMatching(/^takes no writes.*disk is full/),
        advice: expect.stringContaining('Make room'),
      },
    ]);
  });

  it('counts the log beside the database file, which holds all of a young one', async () => {
    const { server } = await running();
    const { config } = server.coffer;
    const log = await stat(join(config.dataDir, 'db', 'coffer.db-wal'));
    const { sizeBytes } = await inspectStorage({
      kind: 'sqlite',
      directory: join(config.dataDir, 'db'),
    } as StorageOptions);
    expect(log.size).toBeGreaterThan(0);
    expect(sizeBytes).toBeGreaterThanOrEqual(log.size);
  });

  it('shows the room that is left, and warns when it is little', async () => {
    const { server } = await running();
    expect(await server.coffer.examine()).toContainEqual(
      expect.objectContaining({ what: 'disk', detail: expect.stringContaining(server.coffer.config.dataDir) }),
    );
    const GIB = 2 ** 30;
    const judged = (free: number, total: number) => judgeSpace('/d', free, total).state;
    expect([judged(1.1 * GIB, 1000 * GIB), judged(0.9 * GIB, 1000 * GIB)]).toEqual(['ok', 'warning']);
    expect([judged(0.11 * GIB, 2 * GIB), judged(0.09 * GIB, 2 * GIB)]).toEqual(['ok', 'warning']);
  });

  it('finds a problem in a moved clock when the server is for production, which refuses to start on it', async () => {
    const { server } = await running();
    const { coffer } = server;
    coffer.clock.set(1_000);
    const { config, storage, clock, devices } = coffer;
    const storageOptions: StorageOptions = { kind: 'sqlite', directory: join(config.dataDir, 'db') } as never;
    const patient = { config: { ...config, mode: 'production' as const }, storage, storageOptions, clock, devices };
    expect(await examine({ ...patient, serving: true })).toContainEqual(
      expect.objectContaining({ what: 'clock', state: 'problem', advice: expect.stringContaining('refuses to start') }),
    );
  });

  it('changes nothing where no server has been started', async () => {
    const directory = await configured();
    directories.push(directory);
    const outcome = await runProgram(['doctor', '--config', 'coffer.yaml'], directory);
    expect(outcome).toMatchObject({ code: 1, stdout: expect.stringContaining('does not exist') });
    await expect(readFile(join(directory, 'data'))).rejects.toMatchObject({ code: 'ENOENT' });
    // As when something else, a quickstart for instance, made the directory.
    await mkdir(join(directory, 'data'), { mode: 0o700 });
    expect(await runProgram(['doctor', '--config', 'coffer.yaml'], directory)).toMatchObject({ code: 1 });
    expect(await readdir(join(directory, 'data'))).toEqual([]);
  });
});

const everything = (account: string) => ({
  account,
  start: new Date(0),
  end: new Date(Date.now() + 1e11),
  direction: 'FORWARD' as const,
  filters: [],
  limit: 1,
});

describe('a stop', () => {
  it('lets a call under way end, and takes no new one', async () => {
    const started = await startTestServer();
    const { server, directory } = started;
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const real = server.coffer.storage.ping;
    const ping = vi.spyOn(server.coffer.storage, 'ping').mockImplementation(() => held.then(real));
    const slow = fetch(`${server.endpoints[0]}/-/ready`);
    await eventually(() => expect(ping).toHaveBeenCalled());
    const stopped = server.stop();
    await expect(fetch(`${server.endpoints[0]}/-/health`)).rejects.toThrow();
    release();
    expect((await slow).status).toBe(200);
    await stopped;
    await rm(directory, { recursive: true });
  });

  it('cuts what does not end within the grace', async () => {
    const started = await startTestServer('');
    const { server, directory } = started;
    const config = { ...server.coffer.config };
    await server.stop();
    const short = await startServer({ ...config, shutdownGraceSeconds: 1 });
    const ping = vi.spyOn(short.coffer.storage, 'ping').mockImplementation(() => new Promise(() => {}));
    const slow = fetch(`${short.endpoints[0]}/-/ready`).then(
      () => 'answered',
      () => 'cut',
    );
    await eventually(() => expect(ping).toHaveBeenCalled());
    const began = performance.now();
    await short.stop();
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(await slow).toBe('cut');
    await rm(directory, { recursive: true });
  });
});
