import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { firstMember, joinedMember, loggedIn, openRig, PASSWORD, type Rig, refusedWith } from './support.ts';

const wrong = (): Secret => Secret.ofText('Wrong-Password-1');
const right = (): Secret => Secret.ofText(PASSWORD);

describe('users of an HSM', () => {
  let rig: Rig;
  let a: string;
  beforeAll(async () => {
    rig = await openRig();
    a = await firstMember(rig.devices);
  });
  afterAll(() => rig.close());

  test('key operations need a login, and end with it', async () => {
    const link = await rig.devices.dial(a, 10_000);
    const calls = () => [
      link.selfTest(),
      link.generateRandom(8),
      link.generateKey({ kind: 'aes', bits: 256 }),
      link.loadCheck(Buffer.alloc(60)),
      link.aesGcmEncrypt(Buffer.alloc(60), Buffer.alloc(12), Buffer.alloc(0), Buffer.alloc(1)),
      link.aesGcmDecrypt(Buffer.alloc(60), Buffer.alloc(12), Buffer.alloc(0), Buffer.alloc(17)),
    ];
    for (const call of calls()) expect(await refusedWith(call)).toBe('NotLoggedIn');
    expect(await refusedWith(link.login('kmsuser', wrong()))).toBe('InvalidCredentials');
    for (const call of calls()) expect(await refusedWith(call)).toBe('NotLoggedIn');
    await link.login('kmsuser', right());
    expect((await link.generateRandom(8)).length).toBe(8);
    // A login refused later ends the earlier one.
    expect(await refusedWith(link.login('kmsuser', wrong()))).toBe('InvalidCredentials');
    expect(await refusedWith(link.generateRandom(8))).toBe('NotLoggedIn');
    await link.login('kmsuser', right());
    link.logout();
    expect(await refusedWith(link.generateRandom(8))).toBe('NotLoggedIn');
  });

  test('a login is of one link alone', async () => {
    await loggedIn(rig.devices, a);
    const other = await rig.devices.dial(a, 10_000);
    expect(await refusedWith(other.generateRandom(1))).toBe('NotLoggedIn');
  });

  test('an unknown user is not found', async () => {
    const link = await rig.devices.dial(a, 10_000);
    expect(await refusedWith(link.login('nobody', right()))).toBe('UserNotFound');
    expect(await refusedWith(link.login('__proto__', right()))).toBe('UserNotFound');
  });

  test('five wrong passwords lock, also over a restart; only the officer unlocks', async () => {
    const link = await rig.devices.dial(a, 10_000);
    await link.login('kmsuser', right());
    for (let attempt = 0; attempt < 4; attempt += 1) {
      expect(await refusedWith(link.login('kmsuser', wrong()))).toBe('InvalidCredentials');
    }
    await rig.reopen();
    const later = await rig.devices.dial(a, 10_000);
    expect(await refusedWith(later.login('kmsuser', wrong()))).toBe('InvalidCredentials');
    expect(await refusedWith(later.login('kmsuser', right()))).toBe('UserLockedOut');
    expect(await rig.devices.admin(a).users()).toEqual([{ name: 'kmsuser', locked: true, failedLogins: 5 }]);
    await rig.reopen();
    const last = await rig.devices.dial(a, 10_000);
    expect(await refusedWith(last.login('kmsuser', right()))).toBe('UserLockedOut');
    await rig.devices.admin(a).setUserPassword('kmsuser', right());
    await last.login('kmsuser', right());
    expect(await rig.devices.admin(a).users()).toEqual([{ name: 'kmsuser', locked: false, failedLogins: 0 }]);
  });

  test('a right password takes the count back', async () => {
    const link = await rig.devices.dial(a, 10_000);
    for (let round = 0; round < 2; round += 1) {
      for (let attempt = 0; attempt < 4; attempt += 1) {
        expect(await refusedWith(link.login('kmsuser', wrong()))).toBe('InvalidCredentials');
      }
      await link.login('kmsuser', right());
    }
  });

  test('guesses side by side are counted one by one', async () => {
    const link = await rig.devices.dial(a, 10_000);
    const codes = await Promise.all(Array.from({ length: 8 }, () => refusedWith(link.login('kmsuser', wrong()))));
    expect(codes.filter((code) => code === 'InvalidCredentials')).toHaveLength(5);
    expect(codes.filter((code) => code === 'UserLockedOut')).toHaveLength(3);
    await rig.devices.admin(a).setUserPassword('kmsuser', right());
  });

  test('a new member gets the users; later changes stay on one HSM', async () => {
    const b = await joinedMember(rig.devices, a);
    await loggedIn(rig.devices, b);
    await rig.devices.admin(a).setUserPassword('kmsuser', Secret.ofText('Another-One-2'));
    await loggedIn(rig.devices, b);
    const onA = await rig.devices.dial(a, 10_000);
    expect(await refusedWith(onA.login('kmsuser', right()))).toBe('InvalidCredentials');
    await rig.devices.admin(b).deleteUser('kmsuser');
    expect(await rig.devices.admin(b).users()).toEqual([]);
    expect(await rig.devices.admin(a).users()).toMatchObject([{ name: 'kmsuser' }]);
    const onB = await rig.devices.dial(b, 10_000);
    expect(await refusedWith(onB.login('kmsuser', right()))).toBe('UserNotFound');
    expect(await rig.devices.admin(a).digest()).not.toBe(await rig.devices.admin(b).digest());
    await rig.devices.admin(a).setUserPassword('kmsuser', right());
  });

  test.each([
    ['', PASSWORD],
    ['a'.repeat(33), PASSWORD],
    ['../x', PASSWORD],
    ['kmsuser', 'short6'],
    ['kmsuser', 'x'.repeat(33)],
  ])('user %j with password %j is refused', async (name, password) => {
    expect(await refusedWith(rig.devices.admin(a).setUserPassword(name, Secret.ofText(password)))).toBe(
      'InvalidRequest',
    );
  });

  test('neither password nor PIN is in any file, log line or error; files are for the owner alone', async () => {
    const link = await rig.devices.dial(a, 10_000);
    const text = await link.login('kmsuser', wrong()).catch((error: Error) => `${error.message}\n${error.stack}`);
    const outputs = [text, ...rig.lines];
    const entries = await readdir(rig.directory, { recursive: true, withFileTypes: true });
    for (const entry of entries) {
      const path = join(entry.parentPath, entry.name);
      expect((await stat(path)).mode & 0o077, path).toBe(0);
      if (entry.isFile()) outputs.push(await readFile(path, 'latin1'));
    }
    expect(entries.length).toBeGreaterThan(5);
    for (const output of outputs) {
      for (const canary of [PASSWORD, 'Wrong-Password-1', 'Another-One-2']) {
        expect(output).not.toContain(canary);
        expect(output).not.toContain(Buffer.from(canary).toString('base64').replaceAll('=', ''));
        expect(output).not.toContain(Buffer.from(canary).toString('hex'));
      }
    }
  });
});
