/** Standard error is somebody else's to read: whether and how fast is nothing the server may depend on. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, createReadStream, openSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { configured, MAIN, runProgram } from '../support/program.ts';

/** More lines than any pipe takes, and fewer than the server keeps. */
const REFUSED = 1_200;
const AT_ONCE = 50;
const CRASH = '--import=data:text/javascript,process.on(%22SIGUSR2%22,()=>{throw%20Error(%22boom%22)})';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

interface Unread {
  readonly child: ChildProcess;
  readonly endpoint: string;
  readonly code: Promise<number | null>;
  /** Starts reading; everything up to the end of the program. */
  read(): Promise<string>;
}

/** A server whose standard error nobody reads yet: a socket, as service managers give, or a named pipe. */
async function unread(kind: 'socket' | 'pipe'): Promise<Unread> {
  const cwd = await configured('mode: development\n');
  cleanUps.push(() => rm(cwd, { recursive: true, force: true }));
  const path = join(cwd, 'stderr');
  let reader: number | undefined;
  let writer: number | undefined;
  if (kind === 'pipe') {
    execFileSync('mkfifo', [path]);
    reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    writer = openSync(path, constants.O_WRONLY);
  }
  const child = spawn(process.execPath, [MAIN, 'serve', '--config', 'coffer.yaml'], {
    cwd,
    stdio: ['ignore', 'pipe', writer ?? 'pipe'],
    env: { ...process.env, NODE_OPTIONS: CRASH },
  });
  cleanUps.push(() => child.kill('SIGKILL'));
  if (writer !== undefined) closeSync(writer);
  const code = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const endpoint = await new Promise<string>((resolve, reject) => {
    let printed = '';
    child.stdout!.setEncoding('utf8').on('data', (part: string) => {
      printed += part;
      const ready = /^coffer ready: (\S+)/m.exec(printed);
      if (ready !== null) resolve(ready[1]!);
    });
    code.then((ended) => reject(new Error(`ended with ${ended}: ${printed}`)));
  });
  if (reader !== undefined) cleanUps.push(() => closeSync(reader));
  return {
    child,
    endpoint,
    code,
    // Opened a second time, to wait for what comes; the first keeps the pipe from being one that nobody could read.
    read: () => text(kind === 'pipe' ? createReadStream(path) : child.stderr!),
  };
}

async function refusedRequests(endpoint: string): Promise<void> {
  const query = new URLSearchParams({
    Action: 'ListKeys',
    Version: '2016-01-20',
    AccessKeyId: 'x'.repeat(128),
    SignatureMethod: 'HMAC-SHA1',
    SignatureVersion: '1.0',
    SignatureNonce: 'n',
    Signature: 's',
    Timestamp: `${new Date().toISOString().slice(0, 19)}Z`,
  });
  for (let sent = 0; sent < REFUSED; sent += AT_ONCE) {
    const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => fetch(`${endpoint}/?${query}`)));
    for (const answer of answers) {
      expect(answer.status).toBeGreaterThanOrEqual(400);
      await answer.arrayBuffer();
    }
  }
}

describe.each(['socket', 'pipe'] as const)('a log on a %s that nobody reads', (kind) => {
  it('holds up neither calls nor the end of the program', { timeout: 30_000 }, async () => {
    const { child, endpoint, code } = await unread(kind);
    await refusedRequests(endpoint);
    expect((await fetch(`${endpoint}/-/health`)).status).toBe(200);
    child.kill('SIGTERM');
    expect(await code).toBe(0);
  });

  it('does not hold up the end by a defect', { timeout: 30_000 }, async () => {
    const { child, endpoint, code } = await unread(kind);
    await refusedRequests(endpoint);
    child.kill('SIGUSR2');
    expect(await code).toBe(70);
  });

  it('arrives whole once somebody does, up to the last line', { timeout: 30_000 }, async () => {
    const { child, endpoint, code, read } = await unread(kind);
    await refusedRequests(endpoint);
    const said = read();
    child.kill('SIGTERM');
    expect(await code).toBe(0);
    const lines = (await said).trimEnd().split('\n');
    const messages = lines.map((line) => JSON.parse(line).msg as string);
    expect(messages.filter((message) => message === 'caller not authenticated')).toHaveLength(REFUSED);
    expect(messages.at(-1)).toBe('stopping');
  });
});

it('says why the program ends by a defect after all that was logged before', { timeout: 30_000 }, async () => {
  const { child, endpoint, code, read } = await unread('pipe');
  await refusedRequests(endpoint);
  const said = read();
  child.kill('SIGUSR2');
  expect(await code).toBe(70);
  const log = await said;
  expect(log.match(/caller not authenticated/g)).toHaveLength(REFUSED);
  const last = log.slice(log.lastIndexOf('caller not authenticated'));
  expect(last).toMatch(/^coffer: Error: boom$/m);
});

it('says why a start is refused', async () => {
  const cwd = await configured('mode: nonsense\n');
  cleanUps.push(() => rm(cwd, { recursive: true, force: true }));
  const { code, stderr } = await runProgram(['serve', '--config', 'coffer.yaml'], cwd);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^coffer serve: /);
});
