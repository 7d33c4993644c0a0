import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HsmLink } from '../../src/domain/hsm-devices.ts';
import { CHECK_IV } from '../../src/hsm-worker/blob.ts';
import { firstMember, loggedIn, openRig, type Rig, refusedWith } from './support.ts';

describe('keys over a link', () => {
  let rig: Rig;
  let link: HsmLink;
  let blob: Uint8Array;
  const iv = randomBytes(12);
  const aad = Buffer.from('some context');
  beforeAll(async () => {
    rig = await openRig({ limits: { cachedKeys: 4 } });
    link = await loggedIn(rig.devices, await firstMember(rig.devices));
    ({ blob } = await link.generateKey({ kind: 'aes', bits: 256 }));
  });
  afterAll(() => rig.close());

  test('what is encrypted decrypts, for any length from none on', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300 }),
        fc.uint8Array({ maxLength: 60 }),
        fc.uint8Array({ minLength: 12, maxLength: 12 }),
        async (plaintext, context, nonce) => {
          const sealed = await link.aesGcmEncrypt(blob, nonce, context, plaintext);
          expect(sealed.length).toBe(plaintext.length + 16);
          expect(Buffer.from(await link.aesGcmDecrypt(blob, nonce, context, sealed))).toEqual(Buffer.from(plaintext));
        },
      ),
      { numRuns: 100, examples: [[new Uint8Array(), new Uint8Array(), new Uint8Array(12)]] },
    );
  });

  test('half a mebibyte goes through, more does not', async () => {
    const large = randomBytes(512 * 1024);
    const sealed = await link.aesGcmEncrypt(blob, iv, aad, large);
    expect(Buffer.from(await link.aesGcmDecrypt(blob, iv, aad, sealed)).equals(large)).toBe(true);
    const larger = Buffer.alloc(512 * 1024 + 17);
    expect(await refusedWith(link.aesGcmEncrypt(blob, iv, aad, larger))).toBe('InvalidRequest');
    expect((await link.generateRandom(4)).length).toBe(4);
  });

  test.each([128, 192, 256] as const)('AES-%i keys are made and used', async (bits) => {
    const key = await link.generateKey({ kind: 'aes', bits });
    expect(key.blob.length).toBe(20 + bits / 8 + 8);
    const sealed = await link.aesGcmEncrypt(key.blob, iv, aad, Buffer.from('x'));
    expect(Buffer.from(await link.aesGcmDecrypt(key.blob, iv, aad, sealed)).toString()).toBe('x');
  });

  test('a forgotten key is not kept opened, and opens again from its blob', async () => {
    const opened = async (): Promise<number> => (await rig.devices.usage(link.deviceId))!.cachedKeys;
    const key = await link.generateKey({ kind: 'aes', bits: 256 });
    const check = await link.loadCheck(key.blob);
    await link.loadCheck(blob);
    const before = await opened();
    await link.forget(key.blob);
    expect(await opened()).toBe(before - 1);
    await link.forget(key.blob);
    expect(await opened(), 'once is enough, others stay').toBe(before - 1);
    expect(await link.loadCheck(key.blob)).toEqual(check);
  });

  test('every flipped byte of a wrapped key is noticed', async () => {
    for (let at = 0; at < blob.length; at += 1) {
      const damaged = Buffer.from(blob);
      damaged[at]! ^= 0x40;
      expect(await refusedWith(link.loadCheck(damaged)), `byte ${at}`).toBe('KeyNotUsable');
    }
    for (const nonsense of [
      Buffer.alloc(0),
      randomBytes(60),
      Buffer.from(blob).subarray(0, 30),
      Buffer.alloc(9000, 1),
    ]) {
      expect(await refusedWith(link.loadCheck(nonsense))).toBe('KeyNotUsable');
    }
    expect((await link.loadCheck(blob)).length).toBe(8);
  });

  test('a ciphertext with anything changed is refused, and the link goes on', async () => {
    const sealed = Buffer.from(await link.aesGcmEncrypt(blob, iv, aad, Buffer.from('secret')));
    const other = await link.generateKey({ kind: 'aes', bits: 256 });
    for (let at = 0; at < sealed.length; at += 1) {
      const damaged = Buffer.from(sealed);
      damaged[at]! ^= 1;
      expect(await refusedWith(link.aesGcmDecrypt(blob, iv, aad, damaged)), `byte ${at}`).toBe('BadCiphertext');
    }
    expect(await refusedWith(link.aesGcmDecrypt(blob, randomBytes(12), aad, sealed))).toBe('BadCiphertext');
    expect(await refusedWith(link.aesGcmDecrypt(blob, iv, Buffer.from('other'), sealed))).toBe('BadCiphertext');
    expect(await refusedWith(link.aesGcmDecrypt(other.blob, iv, aad, sealed))).toBe('BadCiphertext');
    expect(await refusedWith(link.aesGcmDecrypt(blob, iv, aad, Buffer.alloc(15)))).toBe('BadCiphertext');
    expect(Buffer.from(await link.aesGcmDecrypt(blob, iv, aad, sealed)).toString()).toBe('secret');
    expect(link.open).toBe(true);
  });

  test('wrong parameters are refused', async () => {
    const data = Buffer.from('x');
    for (const bad of [Buffer.alloc(0), Buffer.alloc(16), CHECK_IV]) {
      expect(await refusedWith(link.aesGcmEncrypt(blob, bad, aad, data))).toBe('InvalidRequest');
      expect(await refusedWith(link.aesGcmDecrypt(blob, bad, aad, Buffer.alloc(20)))).toBe('InvalidRequest');
    }
    for (const count of [0, -1, 1.5, 4097, Number.NaN]) {
      expect(await refusedWith(link.generateRandom(count))).toBe('InvalidRequest');
    }
    expect(await refusedWith(link.generateKey({ kind: 'aes', bits: 64 as 128 }))).toBe('InvalidRequest');
  });

  test('more keys than are kept open are used side by side', async () => {
    const blobs = await Promise.all(
      Array.from({ length: 12 }, async () => (await link.generateKey({ kind: 'aes', bits: 256 })).blob),
    );
    expect(new Set(blobs.map((one) => Buffer.from(one).toString('hex'))).size).toBe(12);
    const sealed = await Promise.all(blobs.map((one) => link.aesGcmEncrypt(one, iv, aad, one)));
    for (let round = 0; round < 3; round += 1) {
      const opened = await Promise.all(blobs.map((one, index) => link.aesGcmDecrypt(one, iv, aad, sealed[index]!)));
      expect(opened.map((one) => Buffer.from(one))).toEqual(blobs.map((one) => Buffer.from(one)));
    }
    expect((await rig.devices.usage(link.deviceId))?.cachedKeys).toBe(4);
  });

  test('random bytes differ, the self-test passes', async () => {
    expect(Buffer.from(await link.generateRandom(32))).not.toEqual(Buffer.from(await link.generateRandom(32)));
    expect((await link.generateRandom(4096)).length).toBe(4096);
    await link.selfTest();
  });

  test('a closed link says why, and leaves others alone', async () => {
    const other = await loggedIn(rig.devices, link.deviceId);
    other.close();
    expect(await other.closed).toBe('the link was closed');
    expect(other.open).toBe(false);
    expect(await refusedWith(other.generateRandom(1))).toBe('Unreachable');
    expect(await refusedWith(other.identity(randomBytes(32)))).toBe('Unreachable');
    expect((await link.generateRandom(1)).length).toBe(1);
  });
});
