import { createCipheriv, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../core/secret.ts';
import { BadCiphertext, type MaterialHome } from '../../../domain/kms/backend.ts';
import { SealBroken, type Sealer } from '../../../domain/seal.ts';
import { createSealer } from '../../../seal/sealer.ts';
import { softwareSelfTest } from './self-test.ts';
import { createSoftwareBackend, materialBinding } from './software-backend.ts';

const random = { bytes: (count: number) => new Uint8Array(randomBytes(count)) };
const home = (versionId: string): MaterialHome => ({
  place: { account: '1000000000000001', region: 'cn-hangzhou' },
  keyId: 'key-1',
  versionId,
});
const HERE = home('v1');
const NONE = new Uint8Array(0);
const hex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));

function setUp(cachedKeys?: number) {
  const inner = createSealer(new Secret(random.bytes(32)), random);
  const opened: string[] = [];
  const sealer: Sealer = {
    seal: inner.seal,
    open: (binding, sealed) => {
      opened.push(binding);
      return inner.open(binding, sealed);
    },
  };
  const backend = createSoftwareBackend({ sealer, random, ...(cachedKeys === undefined ? {} : { cachedKeys }) });
  const known = (key: Uint8Array, at = HERE) =>
    ({ kind: 'software', sealed: sealer.seal(materialBinding(at), new Secret(key)) }) as const;
  return { backend, sealer, opened, known };
}

interface Vector {
  readonly case: string;
  readonly key: string;
  readonly iv: string;
  readonly aad: string;
  readonly plaintext: string;
  readonly ciphertext: string;
  readonly tag: string;
}

const VECTORS = join(import.meta.dirname, '../../../../test/vectors/aes-gcm/gcm-spec.json');
const { tests } = JSON.parse(readFileSync(VECTORS, 'utf8')) as { tests: Vector[] };

describe('published vectors', () => {
  it.each(tests)('GCM test case $case', async ({ key, iv, aad, plaintext, ciphertext, tag }) => {
    const { backend, known } = setUp();
    const material = known(hex(key));
    const body = await backend.encrypt(material, HERE, hex(iv), hex(aad), new Secret(hex(plaintext)));
    expect(Buffer.from(body).toString('hex')).toBe(ciphertext + tag);
    const opened = await backend.decrypt(material, HERE, hex(iv), hex(aad), body);
    expect(Buffer.from(opened.reveal()).toString('hex')).toBe(plaintext);
  });

  it('pass in the self-test, too', () => {
    expect(softwareSelfTest).not.toThrow();
  });
});

it('agrees with the library called directly, and refuses any single changed bit', async () => {
  const { backend, known } = setUp();
  const property = fc.asyncProperty(
    fc.constantFrom(16, 24, 32).chain((length) => fc.uint8Array({ minLength: length, maxLength: length })),
    fc.uint8Array({ minLength: 12, maxLength: 12 }),
    fc.uint8Array({ maxLength: 40 }),
    fc.uint8Array({ maxLength: 100 }),
    fc.nat(),
    async (key, iv, aad, plaintext, flip) => {
      const material = known(key);
      const body = await backend.encrypt(material, HERE, iv, aad, new Secret(Uint8Array.from(plaintext)));
      const direct = createCipheriv(`aes-${key.length * 8}-gcm` as 'aes-256-gcm', key, iv);
      direct.setAAD(aad);
      const expected = Buffer.concat([direct.update(plaintext), direct.final(), direct.getAuthTag()]);
      expect(Buffer.from(body)).toEqual(expected);
      const damaged = Uint8Array.from(body);
      damaged[(flip >> 3) % damaged.length]! ^= 1 << (flip & 7);
      await expect(backend.decrypt(material, HERE, iv, aad, damaged)).rejects.toThrow(BadCiphertext);
    },
  );
  await fc.assert(property, { numRuns: 200 });
});

describe('a material', () => {
  it.each([128, 192, 256] as const)('of %i bits is born, sealed, and works', async (bits) => {
    const { backend, sealer } = setUp();
    const material = await backend.generate(bits, HERE);
    if (material.kind !== 'software') throw new Error('not a software key');
    expect(sealer.open(materialBinding(HERE), material.sealed).length).toBe(bits / 8);
    const body = await backend.encrypt(material, HERE, random.bytes(12), NONE, Secret.ofText('hello'));
    expect(body.length).toBe(5 + 16);
  });

  it('opens at its own home only', async () => {
    const { backend } = setUp();
    const material = await backend.generate(256, HERE);
    const moved = backend.encrypt(material, home('v2'), random.bytes(12), NONE, Secret.ofText('x'));
    await expect(moved).rejects.toThrow(SealBroken);
  });

  it('of an HSM is refused', async () => {
    const { backend } = setUp();
    const material = { kind: 'hsm', keyStoreId: 'kst-1', blob: '', checkValue: '' } as const;
    await expect(backend.encrypt(material, HERE, random.bytes(12), NONE, Secret.ofText('x'))).rejects.toThrow(/v1/);
  });

  it('that was replaced is not served from memory', async () => {
    const { backend, known } = setUp();
    const [old, young] = [known(new Uint8Array(32)), known(new Uint8Array(32).fill(1))];
    const iv = random.bytes(12);
    const a = await backend.encrypt(old, HERE, iv, NONE, Secret.ofText('x'));
    const b = await backend.encrypt(young, HERE, iv, NONE, Secret.ofText('x'));
    expect(a).not.toEqual(b);
  });
});

describe('opened keys', () => {
  it('are kept, at most so many, the least recently used going first', async () => {
    const { backend, opened, known } = setUp(2);
    const use = async (name: string) => {
      const material = known(new Uint8Array(32), home(name));
      await backend.encrypt(material, home(name), random.bytes(12), NONE, Secret.ofText('x'));
      return () => backend.encrypt(material, home(name), random.bytes(12), NONE, Secret.ofText('x'));
    };
    const [a, b] = [await use('a'), await use('b')];
    await a();
    await use('c');
    expect(opened).toHaveLength(3);
    await a();
    expect(opened).toHaveLength(3);
    await b();
    expect(opened).toHaveLength(4);
  });

  it('are dropped when forgotten', async () => {
    const { backend, opened } = setUp();
    const material = await backend.generate(256, HERE);
    await backend.forget(material, HERE);
    await backend.encrypt(material, HERE, random.bytes(12), NONE, Secret.ofText('x'));
    expect(opened).toEqual([materialBinding(HERE)]);
  });
});

it('refuses what is shorter than a tag', async () => {
  const { backend } = setUp();
  const material = await backend.generate(256, HERE);
  await expect(backend.decrypt(material, HERE, random.bytes(12), NONE, new Uint8Array(15))).rejects.toThrow(
    BadCiphertext,
  );
});

it('draws as many random bytes as asked for', async () => {
  const { backend } = setUp();
  for (const count of [1, 16, 1024]) expect((await backend.random(count)).length).toBe(count);
});
