import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeFrame, FrameReader, OP, STATUS } from '../../src/hsm-worker/protocol.ts';
import { firstMember, loggedIn, openRig, PASSWORD, type Rig, refusedWith } from './support.ts';

const MAIN = fileURLToPath(new URL('../../src/hsm-worker/main.ts', import.meta.url));
const ENDS_WITH_PARENT = fileURLToPath(new URL('./shim/parent.ts', import.meta.url));

function bareWorker() {
  const child = spawn(process.execPath, [MAIN], { env: {}, stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  return { child, socket: child.stdio[3] as Duplex };
}

describe('the child process by itself', () => {
  test.each([
    ['a frame of an impossible length', Buffer.alloc(64, 0xff)],
    ['a frame whose fields do not add up', Buffer.from([0, 0, 0, 8, 0, 0, 0, 1, OP.random, 9, 9, 9])],
    ['an operation that does not exist', encodeFrame(1, 200, [])],
  ])('%s: it answers a refusal or nothing, and ends unless it stays sound', async (_title, bytes) => {
    const { child, socket } = bareWorker();
    const exit = once(child, 'exit');
    socket.on('error', () => {});
    socket.resume();
    socket.write(bytes);
    socket.write(Buffer.alloc(64, 0xff));
    expect((await exit)[0]).toBe(3);
  });

  test('operations before their time are refused, one by one', async () => {
    const { child, socket } = bareWorker();
    const answers: number[][] = [];
    const done = new Promise<void>((resolve) => {
      const reader = new FrameReader();
      socket.on('data', (chunk: Buffer) => {
        reader.push(chunk, (id, status) => answers.push([id, status]));
        if (answers.length === 4) resolve();
      });
    });
    const early = [OP.encrypt, OP.random, OP.identity, OP.createIdentity];
    socket.write(Buffer.concat(early.map((op, id) => encodeFrame(id, op, []))));
    await done;
    expect(answers).toEqual(early.map((_, id) => [id, STATUS.refused]));
    const exit = once(child, 'exit');
    socket.end();
    expect((await exit)[0]).toBe(0);
  });

  test('it ends when its parent is killed', async () => {
    const parent = spawn(process.execPath, [ENDS_WITH_PARENT], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(parent.stdout!, 'data')) as [Buffer];
    const pid = Number(line.toString('utf8'));
    expect(() => process.kill(pid, 0)).not.toThrow();
    parent.kill('SIGKILL');
    await expect.poll(() => isRunning(pid), { timeout: 30_000 }).toBe(false);
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('what others on the machine can see of it', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await openRig();
  });
  afterAll(() => rig.close());

  test('neither arguments nor environment hold anything of ours, and there is no core file', async () => {
    process.env.CANARY_OF_THE_TEST = 'canary-in-the-environment';
    const deviceId = await firstMember(rig.devices);
    await loggedIn(rig.devices, deviceId);
    const { pid } = rig.devices.status(deviceId);
    const seen = await Promise.all(
      ['cmdline', 'environ', 'limits'].map((name) => readFile(`/proc/${pid}/${name}`, 'utf8')),
    );
    delete process.env.CANARY_OF_THE_TEST;
    expect(seen[0]).toContain('hsm-worker/main.ts');
    expect(seen[1]).toContain('SOFTHSM2_CONF');
    for (const text of seen) {
      expect(text).not.toContain('canary-in-the-environment');
      expect(text).not.toContain(PASSWORD);
    }
    expect(seen[2]).toMatch(/Max core file size\s+0/);
  });

  test('closing ends every process, and nothing can be dialled', async () => {
    const deviceId = await firstMember(rig.devices);
    const link = await loggedIn(rig.devices, deviceId);
    const pid = rig.devices.status(deviceId).pid!;
    await rig.devices.close();
    expect(isRunning(pid)).toBe(false);
    expect(await refusedWith(link.generateRandom(1))).toBe('Unreachable');
    expect(await refusedWith(rig.devices.dial(deviceId, 1_000))).toBe('Unreachable');
  });
});
