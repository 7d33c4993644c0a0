import { chmod, mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { HSM_ERROR_CODES, HsmError } from '../../src/domain/hsm-errors.ts';
import type { DeviceConfig } from '../../src/hsm/vendors/profile.ts';
import { firstMember, openRig, type Rig, refusedWith, SOFTHSM } from './support.ts';

const pool: DeviceConfig = { name: 'soft', vendor: 'softhsm2', library: SOFTHSM, count: 2 };
const real: DeviceConfig = { name: 'real', vendor: 'pkcs11', library: SOFTHSM, tokenLabel: 'x', soPinFile: '/nowhere' };
const { tokenLabel: _, ...unnamed } = real;
const { soPinFile: __, ...withoutPin } = real;

describe('configured HSMs', () => {
  let rig: Rig;
  afterEach(() => rig?.close());

  test.each<[string, DeviceConfig[]]>([
    ['there is no vendor "acme"', [{ ...pool, vendor: 'acme' }]],
    ['there is no vendor "constructor"', [{ ...pool, vendor: 'constructor' }]],
    ['"soft" is configured twice', [pool, { ...pool, count: 1 }]],
    ['count must be', [{ ...pool, count: 0 }]],
    ['count must be', [{ ...pool, count: 1.5 }]],
    ['count is for tokens made on demand', [{ ...real, count: 2 }]],
    ['either tokenLabel or serial', [unnamed]],
    ['either tokenLabel or serial', [{ ...real, serial: '1' }]],
    ['soPinFile must name', [withoutPin]],
  ])('%s', async (message, devices) => {
    await expect(openRig({ devices })).rejects.toThrow(message);
  });

  test('are handed out until there are none, and come back', async () => {
    rig = await openRig({ devices: [pool, real] });
    const free = (): number[] => rig.devices.models().map((model) => model.free);
    expect(free()).toEqual([2, 1]);
    const [first, second] = await Promise.all([rig.devices.provision('soft'), rig.devices.provision('soft')]);
    expect(first?.deviceId).not.toBe(second?.deviceId);
    expect(free()).toEqual([0, 1]);
    expect(await refusedWith(rig.devices.provision('soft'))).toBe('NoCapacity');
    expect(await refusedWith(rig.devices.provision('../soft'))).toBe('DeviceNotFound');
    await rig.reopen();
    expect(free()).toEqual([0, 1]);
    expect(rig.devices.devices().toSorted()).toEqual([first!.deviceId, second!.deviceId].toSorted());
    await rig.devices.release(first!.deviceId);
    await rig.devices.release(first!.deviceId);
    expect(free()).toEqual([1, 1]);
    expect(await readdir(join(rig.directory, 'hsm'))).toEqual([second!.deviceId]);
  });

  test('an unknown device is not found by anything', async () => {
    rig = await openRig();
    for (const id of ['hsmdev-0000000000000000', '../../etc', '']) {
      expect(await refusedWith(rig.devices.dial(id, 100))).toBe('DeviceNotFound');
      expect(() => rig.devices.admin(id)).toThrow(HsmError);
      expect(() => rig.devices.status(id)).toThrow(HsmError);
    }
  });

  test.each<[string, DeviceConfig[]]>([
    ['left the configuration', [{ ...pool, name: 'other' }]],
    ['is of another vendor now', [{ ...real, name: 'soft' }]],
  ])('a device whose model %s is listed, and is not released before it can be wiped', async (_, models) => {
    rig = await openRig({ devices: [pool] });
    const deviceId = await firstMember(rig.devices);
    await rig.reopen(models);
    expect(rig.devices.devices()).toEqual([]);
    expect(rig.devices.unconfigured()).toEqual([{ deviceId, model: 'soft' }]);
    expect(await refusedWith(rig.devices.release(deviceId))).toBe('DeviceNotFound');
    expect(await refusedWith(rig.devices.dial(deviceId, 100))).toBe('DeviceNotFound');
    await rig.reopen([pool]);
    expect(await rig.devices.admin(deviceId).digest()).toBeDefined();
    await rig.devices.release(deviceId);
    expect(await readdir(join(rig.directory, 'hsm'))).toEqual([]);
  });

  test('an officer PIN that others can read is not used', async () => {
    const probe = await openRig();
    const pin = join(probe.directory, 'so.pin');
    await writeFile(pin, 'officer-pin\n', { mode: 0o600 });
    await chmod(pin, 0o640);
    rig = await openRig({ devices: [{ ...real, soPinFile: pin }] });
    const { deviceId } = await rig.devices.provision('real');
    const error = await rig.devices
      .admin(deviceId)
      .initialise()
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'DeviceFailed' });
    expect((error as Error).message).toContain('make its mode 0600');
    await probe.close();
  });

  test('a directory without record is swept, a damaged record is named, a strange entry is left alone', async () => {
    rig = await openRig();
    const root = join(rig.directory, 'hsm');
    const [empty, damaged] = ['hsmdev-aaaaaaaaaaaaaaaa', 'hsmdev-bbbbbbbbbbbbbbbb'];
    for (const name of [empty, 'notes']) await mkdir(join(root, name));
    await rig.reopen();
    expect(await readdir(root)).toEqual(['notes']);
    await mkdir(join(root, damaged));
    await writeFile(join(root, damaged, 'device.json'), '{"schema":1,');
    await expect(rig.reopen()).rejects.toThrow(/hsmdev-b{16}.device\.json is missing or damaged/);
  });

  test('an HSM whose record is missing is left as it is, and named', async () => {
    rig = await openRig();
    const deviceId = await firstMember(rig.devices);
    const directory = join(rig.directory, 'hsm', deviceId);
    const files = async (): Promise<string[]> => (await readdir(directory, { recursive: true })).sort();
    await rig.devices.close();
    await rename(join(directory, 'device.json'), join(rig.directory, 'kept'));
    const before = await files();
    expect(before.some((name) => name.endsWith('token.object'))).toBe(true);
    await expect(rig.reopen()).rejects.toMatchObject({
      forOperators: true,
      message: expect.stringContaining(deviceId),
    });
    expect(await files()).toEqual(before);
    await rename(join(rig.directory, 'kept'), join(directory, 'device.json'));
    await rig.reopen();
    expect(await rig.devices.admin(deviceId).digest()).toMatch(/^[0-9a-f]{64}$/);
  });

  test('a module that is not there brings the HSM down with a reason, not Coffer', async () => {
    rig = await openRig({ devices: [{ ...pool, library: '/nowhere/libnone.so' }] });
    const { deviceId } = await rig.devices.provision('soft');
    const call = rig.devices.admin(deviceId).initialise();
    await expect(call).rejects.toMatchObject({ code: 'DeviceFailed', deviceId });
    await expect(call).rejects.toThrow('module cannot be loaded');
  });

  test('generations count up and the log says why, without a word of secrets', async () => {
    rig = await openRig();
    const deviceId = await firstMember(rig.devices);
    expect(rig.devices.status(deviceId)).toMatchObject({ state: 'idle', pid: undefined, generation: 0, pending: 0 });
    expect(await rig.devices.usage(deviceId)).toBeUndefined();
    const link = await rig.devices.dial(deviceId, 10_000);
    process.kill(rig.devices.status(deviceId).pid!, 'SIGKILL');
    await link.closed;
    expect(rig.devices.status(deviceId)).toMatchObject({ state: 'suspect', pid: undefined });
    await rig.devices.dial(deviceId, 10_000);
    expect(rig.devices.status(deviceId)).toMatchObject({ state: 'up', generation: 2 });
    expect(rig.lines.some((line) => line.includes('SIGKILL'))).toBe(true);
  });
});

test('every error code says whether another member may be asked', () => {
  for (const code of HSM_ERROR_CODES) {
    expect(typeof new HsmError(code, 'd', 'text').retryOnOtherMember).toBe('boolean');
  }
  expect(new HsmError('Unreachable', 'd', 't').retryOnOtherMember).toBe(true);
  expect(new HsmError('InvalidCredentials', 'd', 't').retryOnOtherMember).toBe(false);
  expect(new HsmError('BadCiphertext', 'd', 't').retryOnOtherMember).toBe(false);
});
