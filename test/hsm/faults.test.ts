import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { HsmError } from '../../src/domain/hsm-errors.ts';
import { firstMember, loggedIn, openRig, type Rig, refusedWith, SOFTHSM, testSealer } from './support.ts';

const iv = randomBytes(12);
const none = Buffer.alloc(0);

function pidOf(rig: Rig, deviceId: string): number {
  const { pid } = rig.devices.status(deviceId);
  if (pid === undefined) throw new Error('no process');
  return pid;
}

describe('the process of an HSM dies', () => {
  let rig: Rig;
  afterEach(() => rig?.close());

  test('killed in the middle of calls: they are refused at once, and the next dial works', async () => {
    rig = await openRig({ limits: { callTimeoutMs: 10_000 } });
    const deviceId = await firstMember(rig.devices);
    const link = await loggedIn(rig.devices, deviceId);
    const { blob } = await link.generateKey({ kind: 'aes', bits: 256 });
    const sealed = await link.aesGcmEncrypt(blob, iv, none, Buffer.from('kept'));
    const data = randomBytes(20_000);
    const calls = Array.from({ length: 200 }, () => refusedOrDone(link.aesGcmEncrypt(blob, iv, none, data)));
    await link.generateRandom(1);
    const more = Array.from({ length: 200 }, () => refusedOrDone(link.aesGcmEncrypt(blob, iv, none, data)));
    const killed = performance.now();
    process.kill(pidOf(rig, deviceId), 'SIGKILL');
    const codes = await Promise.all([...calls, ...more]);
    // Long before the calls' own deadline.
    expect(performance.now() - killed).toBeLessThan(9_000);
    expect(codes.filter((code) => code === 'Unreachable').length).toBeGreaterThan(100);
    expect(new Set(codes)).toEqual(new Set(['done', 'Unreachable']));
    expect(await link.closed).toBe('the process ended (SIGKILL)');
    expect(link.open).toBe(false);
    expect(await refusedWith(link.generateRandom(1))).toBe('Unreachable');

    const next = await loggedIn(rig.devices, deviceId);
    expect(next.generation).toBe(link.generation + 1);
    expect(Buffer.from(await next.aesGcmDecrypt(blob, iv, none, sealed)).toString()).toBe('kept');
    expect(rig.devices.status(deviceId)).toMatchObject({ state: 'up', generation: next.generation });
  });

  test('no descriptor is left to start it with: that is its end, not the program’s', () => {
    const script = join(import.meta.dirname, 'shim', 'no-descriptors.ts');
    const said = execFileSync('/bin/sh', ['-c', 'ulimit -n 256; exec "$0" "$1"', process.execPath, script]);
    expect(said.toString()).toBe('the process could not be started (EMFILE)\n');
  });

  test('a failed call may be repeated on another member, says the error', async () => {
    rig = await openRig();
    const deviceId = await firstMember(rig.devices);
    const link = await loggedIn(rig.devices, deviceId);
    const call = link.selfTest();
    process.kill(pidOf(rig, deviceId), 'SIGKILL');
    const error = await call.catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(HsmError);
    expect(error).toMatchObject({ deviceId, retryOnOtherMember: true });
  });

  test('a stopped process costs its callers the deadline, then its life', async () => {
    rig = await openRig({ limits: { callTimeoutMs: 1_000 } });
    const deviceId = await firstMember(rig.devices);
    const link = await loggedIn(rig.devices, deviceId);
    const pid = pidOf(rig, deviceId);
    process.kill(pid, 'SIGSTOP');
    const started = performance.now();
    const codes = await Promise.all(Array.from({ length: 20 }, () => refusedWith(link.generateRandom(1))));
    const waited = performance.now() - started;
    // The first is late by its own deadline; of the rest, some only lose the process.
    expect(codes[0]).toBe('Timeout');
    for (const code of codes) expect(['Timeout', 'Unreachable']).toContain(code);
    expect(waited).toBeGreaterThan(990);
    // One deadline for all, not one after the other.
    expect(waited).toBeLessThan(20 * 1_000);
    await link.closed;
    expect(() => process.kill(pid, 0)).toThrow();
    const next = await loggedIn(rig.devices, deviceId);
    expect((await next.generateRandom(2)).length).toBe(2);
  });

  test('more calls than may wait are refused, the others are answered', async () => {
    rig = await openRig({ limits: { pendingCalls: 10 } });
    const link = await loggedIn(rig.devices, await firstMember(rig.devices));
    const codes = await Promise.all(Array.from({ length: 30 }, () => refusedOrDone(link.generateRandom(1))));
    expect(codes.filter((code) => code === 'done')).toHaveLength(10);
    expect(codes.filter((code) => code === 'Busy')).toHaveLength(20);
    expect((await link.generateRandom(1)).length).toBe(1);
  });

  test('a process that holds too much memory is replaced', async () => {
    rig = await openRig({ limits: { memoryBytes: 1 } });
    const deviceId = await firstMember(rig.devices);
    const link = await loggedIn(rig.devices, deviceId);
    const codes = await Promise.all(Array.from({ length: 4_000 }, () => refusedOrDone(link.generateRandom(1))));
    expect(new Set(codes)).toEqual(new Set(['done']));
    const later = await Promise.all(Array.from({ length: 4_000 }, () => refusedOrDone(link.generateRandom(1))));
    expect(later.filter((code) => code === 'done').length).toBeGreaterThan(900);
    expect(later.at(-1)).toBe('Unreachable');
    expect((await loggedIn(rig.devices, deviceId)).generation).toBe(2);
  });

  test('a token wiped behind our back: the PIN is tried once, the HSM is down, initialising cures it', async () => {
    rig = await openRig({ limits: { restartMs: [1, 5] } });
    const deviceId = await firstMember(rig.devices);
    const directory = join(rig.directory, 'hsm', deviceId);
    const env = { ...process.env, SOFTHSM2_CONF: join(directory, 'softhsm2.conf') };
    await rm(join(directory, 'tokens'), { recursive: true });
    await rig.devices.dial(deviceId, 5_000).catch(() => {});
    // Another token of the same label, with another PIN.
    await mkTokens(directory);
    const init = ['--init-token', '--free', '--label', deviceId, '--so-pin', 'other-so-pin', '--pin', 'other-pin'];
    execFileSync('softhsm2-util', init, { env });
    await rig.reopen();
    expect(await refusedWith(rig.devices.dial(deviceId, 5_000))).toBe('DeviceFailed');
    const { generation, state, reason } = rig.devices.status(deviceId);
    expect({ generation, state }).toEqual({ generation: 1, state: 'down' });
    expect(reason).toContain('refuses');
    expect(await refusedWith(rig.devices.dial(deviceId, 5_000))).toBe('DeviceFailed');
    expect(rig.devices.status(deviceId).generation).toBe(1);
    await rig.devices.admin(deviceId).initialise();
    await rig.devices.admin(deviceId).createClusterIdentity();
    expect((await rig.devices.dial(deviceId, 5_000)).open).toBe(true);
  });

  test('a root key that does not open the PINs brings no process up, and costs no PIN', async () => {
    let moved = false;
    const { seal, open } = testSealer();
    rig = await openRig({ sealer: { seal, open: (binding, text) => open(moved ? `${binding}?` : binding, text) } });
    const deviceId = await firstMember(rig.devices);
    moved = true;
    expect(await refusedWith(rig.devices.dial(deviceId, 300))).toMatch(/DeviceFailed|Timeout/);
    expect(rig.devices.status(deviceId).pid).toBeUndefined();
    moved = false;
    await rig.reopen();
    expect((await loggedIn(rig.devices, deviceId)).open).toBe(true);
  });
});

async function mkTokens(directory: string): Promise<void> {
  await mkdir(join(directory, 'tokens'), { mode: 0o700, recursive: true });
}

async function refusedOrDone(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'done';
  } catch (error) {
    return error instanceof HsmError ? error.code : String(error);
  }
}

/** A module that forwards to SoftHSM and misbehaves on magic plaintexts: what vendors' libraries do on bad days. */
describe('a PKCS#11 module that crashes, hangs, or loses its device', () => {
  let rig: Rig;
  let build: string;
  let deviceId: string;
  beforeAll(async () => {
    build = await mkdtemp(join(tmpdir(), 'coffer-shim-'));
    const root = fileURLToPath(new URL('../..', import.meta.url));
    const library = join(build, 'misbehave.so');
    const source = join(root, 'test/hsm/shim/misbehave.c');
    const include = join(root, 'node_modules/pkcs11js/includes/pkcs11');
    execFileSync('gcc', [
      '-shared',
      '-fPIC',
      '-O1',
      '-w',
      `-I${include}`,
      `-DTARGET="${SOFTHSM}"`,
      '-o',
      library,
      source,
      '-ldl',
    ]);
    await writeFile(join(build, 'so.pin'), 'officer-pin-1\n', { mode: 0o600 });
    const environment = {
      SOFTHSM2_CONF: join(build, 'softhsm2.conf'),
      REFUSE_INIT: join(build, 'refuse'),
      REFUSE_DESTROY: join(build, 'keep'),
    };
    await mkTokens(build);
    await writeFile(
      environment.SOFTHSM2_CONF,
      `directories.tokendir = ${join(build, 'tokens')}\nobjectstore.backend = file\n`,
    );
    const init = [
      '--init-token',
      '--free',
      '--label',
      'partition-1',
      '--so-pin',
      'officer-pin-1',
      '--pin',
      'whatever-1',
    ];
    execFileSync('softhsm2-util', init, { env: { ...process.env, ...environment } });
    const device = { name: 'real', vendor: 'pkcs11', library, tokenLabel: 'partition-1', kwpMechanism: 0x210a };
    rig = await openRig({
      devices: [{ ...device, soPinFile: join(build, 'so.pin'), environment }],
      limits: { callTimeoutMs: 2_000, restartMs: [10, 50], stableMs: 0 },
    });
    deviceId = await firstMember(rig.devices, 'real');
  });
  afterAll(async () => {
    await rig?.close();
    await rm(build, { recursive: true, force: true });
  });

  test('the generic profile serves a configured token, once', async () => {
    expect(rig.devices.models()).toEqual([{ name: 'real', vendor: 'pkcs11', free: 0 }]);
    expect(await refusedWith(rig.devices.provision('real'))).toBe('NoCapacity');
    await (await loggedIn(rig.devices, deviceId)).selfTest();
  });

  test.each([
    ['crash', 'Unreachable'],
    ['abort', 'Unreachable'],
    ['hang', 'Timeout'],
    ['gone', 'DeviceFailed'],
  ])('%s: the call is refused with %s, Coffer lives, the next generation works', async (magic, code) => {
    const link = await loggedIn(rig.devices, deviceId);
    const { blob } = await link.generateKey({ kind: 'aes', bits: 256 });
    expect(await refusedWith(link.aesGcmEncrypt(blob, iv, none, Buffer.from(`misbehave:${magic}`)))).toBe(code);
    await link.closed;
    const next = await loggedIn(rig.devices, deviceId);
    expect(next.generation).toBe(link.generation + 1);
    expect((await next.aesGcmEncrypt(blob, iv, none, Buffer.from('fine'))).length).toBe(20);
  });

  test.each(['stuck', 'session'])(
    '%s: an error that poisons a session is survived in the same process',
    async (magic) => {
      const link = await loggedIn(rig.devices, deviceId);
      const { blob } = await link.generateKey({ kind: 'aes', bits: 256 });
      const call = link.aesGcmEncrypt(blob, iv, none, Buffer.from(`misbehave:${magic}`));
      if (magic === 'session') expect((await call).length).toBe(`misbehave:${magic}`.length + 16);
      else expect(await refusedWith(call)).toBe('DeviceFailed');
      expect((await link.aesGcmEncrypt(blob, iv, none, Buffer.from('fine'))).length).toBe(20);
      expect(link.open).toBe(true);
    },
  );

  test('an opened key that cannot be destroyed goes with the process', async () => {
    const link = await loggedIn(rig.devices, deviceId);
    const { blob } = await link.generateKey({ kind: 'aes', bits: 256 });
    await link.loadCheck(blob);
    await writeFile(join(build, 'keep'), '');
    expect(await refusedWith(link.forget(blob))).toBe('DeviceFailed');
    await link.closed;
    await rm(join(build, 'keep'));
    const next = await loggedIn(rig.devices, deviceId);
    expect(await rig.devices.usage(deviceId)).toMatchObject({ cachedKeys: 0 });
    await next.forget(blob);
    expect(next.open).toBe(true);
  });

  /** Files of keys and certificates in the token. */
  async function objects(): Promise<number> {
    const files = await readdir(join(build, 'tokens'), { recursive: true });
    return files.filter((file) => file.endsWith('.object') && !file.endsWith('token.object')).length;
  }

  test('a wipe that failed wipes when it is tried again, also after a restart', async () => {
    expect(await objects()).toBeGreaterThan(0);
    await writeFile(join(build, 'refuse'), '');
    expect(await refusedWith(rig.devices.admin(deviceId).zeroise())).toBe('DeviceFailed');
    expect(rig.devices.admin(deviceId).initialised(), 'nobody uses it any more').toBe(false);
    expect(await refusedWith(rig.devices.dial(deviceId, 1_000))).toBe('NotInitialised');
    await rig.reopen();
    expect(await refusedWith(rig.devices.admin(deviceId).zeroise())).toBe('DeviceFailed');
    expect(await objects()).toBeGreaterThan(0);
    await rm(join(build, 'refuse'));
    await rig.devices.admin(deviceId).zeroise();
    expect(await objects()).toBe(0);
  });

  test('what a failed initialisation left is wiped too', async () => {
    const admin = rig.devices.admin(deviceId);
    await admin.initialise();
    await admin.createClusterIdentity();
    await writeFile(join(build, 'refuse'), '');
    expect(await refusedWith(admin.initialise())).toBe('DeviceFailed');
    await rm(join(build, 'refuse'));
    expect(await objects()).toBeGreaterThan(0);
    await admin.zeroise();
    expect(await objects()).toBe(0);
  });

  test('zeroising and releasing a real token gives it back', async () => {
    await rig.devices.release(deviceId);
    expect(rig.devices.models()).toEqual([{ name: 'real', vendor: 'pkcs11', free: 1 }]);
    const again = await firstMember(rig.devices, 'real');
    await (await loggedIn(rig.devices, again)).selfTest();
    deviceId = again;
  });
});
