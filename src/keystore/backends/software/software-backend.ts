import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import { Generations } from '../../../core/generations.ts';
import type { Random } from '../../../core/random.ts';
import { Secret } from '../../../core/secret.ts';
import { BadCiphertext, type KeyBackend, type MaterialHome } from '../../../domain/kms/backend.ts';
import type { KeyMaterial } from '../../../domain/kms/key.ts';
import type { Sealer } from '../../../domain/seal.ts';
import { softwareSelfTest } from './self-test.ts';

const TAG_BYTES = 16;
const CACHED_KEYS = 10_000;

/** What a software key's material is sealed with: it opens for its own version only. */
export function materialBinding(home: MaterialHome): string {
  return `kms.key-material/${home.place.account}/${home.place.region}/${home.keyId}/${home.versionId}`;
}

interface Opened {
  readonly sealed: string;
  readonly key: KeyObject;
  readonly cipher: 'aes-128-gcm' | 'aes-192-gcm' | 'aes-256-gcm';
}

function opened(sealed: string, secret: Secret): Opened {
  const bits = secret.length * 8;
  if (bits !== 128 && bits !== 192 && bits !== 256) throw new Error(`software key of ${bits} bits`);
  // The key object holds a copy of its own, outside the JavaScript heap.
  const key = createSecretKey(secret.reveal());
  secret.wipe();
  return { sealed, key, cipher: `aes-${bits}-gcm` };
}

/** Settings of the default store's backend. */
export interface SoftwareBackendOptions {
  readonly sealer: Sealer;
  readonly random: Random;
  /** How many opened keys are kept in memory; those not used lately go first. Default 10,000. */
  readonly cachedKeys?: number;
}

/**
 * The default store: AES-GCM in this process, materials sealed under the root key and bound to their place. Throws when
 * the known-answer test of its ciphers fails.
 */
export function createSoftwareBackend(options: SoftwareBackendOptions): KeyBackend {
  const { sealer, random, cachedKeys = CACHED_KEYS } = options;
  softwareSelfTest();
  const cache = new Generations<Opened>(cachedKeys);

  const open = (material: KeyMaterial, home: MaterialHome): Opened => {
    if (material.kind !== 'software') throw new Error(`key version ${home.versionId} is not of the default store`);
    const binding = materialBinding(home);
    const known = cache.get(binding);
    if (known?.sealed === material.sealed) return known;
    const entry = opened(material.sealed, sealer.open(binding, material.sealed));
    cache.set(binding, entry);
    return entry;
  };

  return {
    generate: async (bits, home) => {
      const secret = new Secret(random.bytes(bits / 8));
      const binding = materialBinding(home);
      const sealed = sealer.seal(binding, secret);
      cache.set(binding, opened(sealed, secret));
      return { kind: 'software', sealed };
    },
    encrypt: async (material, home, iv, context, plaintext) => {
      const { key, cipher: name } = open(material, home);
      const cipher = createCipheriv(name, key, iv, { authTagLength: TAG_BYTES });
      if (context.length > 0) cipher.setAAD(context);
      const body = cipher.update(plaintext.reveal());
      // GCM is a stream: `final` adds nothing, it only makes the tag.
      cipher.final();
      return Buffer.concat([body, cipher.getAuthTag()]);
    },
    decrypt: async (material, home, iv, context, ciphertext) => {
      if (ciphertext.length < TAG_BYTES) throw new BadCiphertext();
      const { key, cipher: name } = open(material, home);
      const end = ciphertext.length - TAG_BYTES;
      const decipher = createDecipheriv(name, key, iv, { authTagLength: TAG_BYTES });
      if (context.length > 0) decipher.setAAD(context);
      decipher.setAuthTag(ciphertext.subarray(end));
      // GCM in this library needs no second buffer: `final` gives nothing, it only judges the tag.
      const plaintext = decipher.update(ciphertext.subarray(0, end));
      try {
        decipher.final();
      } catch {
        plaintext.fill(0);
        throw new BadCiphertext();
      }
      return new Secret(plaintext);
    },
    random: async (count) => new Secret(random.bytes(count)),
    forget: async (_material, home) => {
      cache.delete(materialBinding(home));
      return [];
    },
  };
}
