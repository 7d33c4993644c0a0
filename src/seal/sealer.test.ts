import { randomFillSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Random } from '../core/random.ts';
import { Secret } from '../core/secret.ts';
import { SealBroken } from '../domain/seal.ts';
import { createFingerprint } from './fingerprint.ts';
import { createSealer } from './sealer.ts';

const random: Random = { bytes: (count) => randomFillSync(new Uint8Array(count)) };
const rootOf = (byte: number) => new Secret(new Uint8Array(32).fill(byte));
const sealer = createSealer(rootOf(1), random);

describe('sealing', () => {
  it('gives back any value under the binding it was sealed under', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.string(), (bytes, binding) => {
        const sealed = sealer.seal(binding, new Secret(bytes));
        expect(Buffer.from(sealer.open(binding, sealed).reveal())).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it('never gives a value back under another binding', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (here, there) => {
        fc.pre(Buffer.compare(Buffer.from(here), Buffer.from(there)) !== 0);
        const sealed = sealer.seal(here, Secret.ofText('x'));
        expect(() => sealer.open(there, sealed)).toThrow(SealBroken);
      }),
    );
  });

  it('notices every flipped bit and every cut', () => {
    const sealed = Buffer.from(sealer.seal('b', Secret.ofText('value')), 'base64');
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const damaged = Buffer.from(sealed);
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => sealer.open('b', damaged.toString('base64')), `bit ${bit}`).toThrow(SealBroken);
    }
    for (let length = 0; length < sealed.length; length += 1) {
      expect(() => sealer.open('b', sealed.subarray(0, length).toString('base64')), `${length}`).toThrow(SealBroken);
    }
    expect(() => sealer.open('b', '')).toThrow(SealBroken);
    expect(() => sealer.open('b', 'no base64 at all !!')).toThrow(SealBroken);
  });

  it('opens only under the root it was sealed under', () => {
    const sealed = sealer.seal('b', Secret.ofText('value'));
    expect(() => createSealer(rootOf(2), random).open('b', sealed)).toThrow(SealBroken);
    expect(createSealer(rootOf(1), random).open('b', sealed).revealText()).toBe('value');
  });

  it('shows neither the value, nor that two are the same', () => {
    const [one, other] = [1, 2].map(() => sealer.seal('b', Secret.ofText('the same value')));
    expect(one).not.toBe(other);
    expect(Buffer.from(one!, 'base64').includes('the same value')).toBe(false);
  });

  it('says where a broken value lives, and nothing of it', () => {
    expect(() => sealer.open('ram.access-key/1/LTAI', 'AAAA')).toThrow(
      'sealed value of ram.access-key/1/LTAI does not open',
    );
  });
});

it('fingerprints texts the same in every run, and differently under another root', () => {
  const fingerprint = createFingerprint(rootOf(1));
  expect(fingerprint('text')).toBe(createFingerprint(rootOf(1))('text'));
  expect(fingerprint('text')).not.toBe(createFingerprint(rootOf(2))('text'));
  expect(fingerprint('text')).not.toBe(fingerprint('texts'));
  expect(fingerprint('text')).toMatch(/^[\w-]{43}$/);
});
