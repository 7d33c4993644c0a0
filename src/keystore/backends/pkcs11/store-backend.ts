import { Secret } from '../../../core/secret.ts';
import { HsmError } from '../../../domain/hsm-errors.ts';
import {
  BadCiphertext,
  type KeyBackend,
  type MaterialHome,
  QuorumMissing,
  StoreUnavailable,
} from '../../../domain/kms/backend.ts';
import type { KeyMaterial } from '../../../domain/kms/key.ts';
import type { Sealer } from '../../../domain/seal.ts';
import type { Member } from './member.ts';
import type { StorePool } from './store-pool.ts';

const RANDOM_PER_CALL = 4096;

/** What a key's wrapped blob is sealed with: it opens for its own store and version only. */
export function blobBinding(home: MaterialHome, keyStoreId: string): string {
  return `kms.hsm-key-material/${home.place.account}/${home.place.region}/${keyStoreId}/${home.keyId}/${home.versionId}`;
}

/** Opens sealed blobs and keeps a bounded number of them; they are wrapped under the cluster key all the same. */
export class Blobs {
  readonly #sealer: Sealer;
  readonly #kept: number;
  readonly #cache = new Map<string, { readonly sealed: string; readonly blob: Uint8Array }>();

  constructor(sealer: Sealer, kept: number) {
    this.#sealer = sealer;
    this.#kept = kept;
  }

  seal(home: MaterialHome, keyStoreId: string, blob: Uint8Array): string {
    return this.#sealer.seal(blobBinding(home, keyStoreId), new Secret(blob));
  }

  open(material: KeyMaterial, home: MaterialHome, keyStoreId: string): Uint8Array {
    if (material.kind !== 'hsm' || material.keyStoreId !== keyStoreId) {
      throw new Error(`key version ${home.versionId} is not of key store ${keyStoreId}`);
    }
    const binding = blobBinding(home, keyStoreId);
    let entry = this.#cache.get(binding);
    if (entry?.sealed !== material.blob) {
      entry = { sealed: material.blob, blob: this.#sealer.open(binding, material.blob).reveal() };
    }
    // A hit moves to the young end, so that keys in use stay.
    this.#cache.delete(binding);
    this.#cache.set(binding, entry);
    if (this.#cache.size > this.#kept) this.#cache.delete(this.#cache.keys().next().value!);
    return entry.blob;
  }

  forget(home: MaterialHome, keyStoreId: string): void {
    this.#cache.delete(blobBinding(home, keyStoreId));
  }
}

/** What the backend says instead of an HSM's own words. */
function translated(error: unknown): never {
  if (error instanceof HsmError) {
    if (error.code === 'BadCiphertext') throw new BadCiphertext();
    if (error.code === 'NotLoggedIn') throw new StoreUnavailable(error.message, { cause: error });
  }
  throw error;
}

/** How many members must hold a new key: what is configured, but never more than there are. */
export function quorumOf(configured: number, members: number): number {
  return Math.max(1, Math.min(configured, members));
}

/** Checks a new key on every member given; those that hold it, with equal check values. */
async function checked(pool: StorePool, members: readonly Member[], blob: Uint8Array): Promise<string[]> {
  const values = await Promise.all(
    members.map((member) =>
      pool
        .on(member, (link) => link.loadCheck(blob))
        .then(
          (value) => Buffer.from(value).toString('hex'),
          (error: unknown) => {
            if (error instanceof HsmError && error.retryOnOtherMember) return undefined;
            throw error;
          },
        ),
    ),
  );
  return values.filter((value) => value !== undefined);
}

/** Keys of one private key store: born in an HSM, kept wrapped under the cluster key, opened inside a member when used. */
export function createStoreBackend(pool: StorePool, blobs: Blobs, quorum: number): KeyBackend {
  const { keyStoreId } = pool.store;
  return {
    generate: async (bits, home) => {
      const needed = quorumOf(quorum, pool.members.length);
      const members = await pool.gather();
      if (members.length < needed) throw new QuorumMissing(members.length, needed);
      const { blob } = await pool.run((link) => link.generateKey({ kind: 'aes', bits })).catch(translated);
      const values = await checked(pool, members, blob).catch(translated);
      if (values.length < needed) throw new QuorumMissing(values.length, needed);
      const checkValue = values[0]!;
      if (values.some((value) => value !== checkValue)) {
        throw new Error(`members of key store ${keyStoreId} hold different cluster keys`);
      }
      return { kind: 'hsm', keyStoreId, blob: blobs.seal(home, keyStoreId, blob), checkValue };
    },
    encrypt: async (material, home, iv, context, plaintext) => {
      const blob = blobs.open(material, home, keyStoreId);
      return pool.run((link) => link.aesGcmEncrypt(blob, iv, context, plaintext.reveal())).catch(translated);
    },
    decrypt: async (material, home, iv, context, ciphertext) => {
      const blob = blobs.open(material, home, keyStoreId);
      const plaintext = await pool.run((link) => link.aesGcmDecrypt(blob, iv, context, ciphertext)).catch(translated);
      return new Secret(plaintext);
    },
    random: async (count) => {
      const parts: Uint8Array[] = [];
      for (let left = count; left > 0; left -= RANDOM_PER_CALL) {
        const size = Math.min(left, RANDOM_PER_CALL);
        parts.push(await pool.run((link) => link.generateRandom(size)).catch(translated));
      }
      return new Secret(Buffer.concat(parts));
    },
    forget: async (material, home) => {
      let blob: Uint8Array;
      try {
        blob = blobs.open(material, home, keyStoreId);
      } catch {
        // Damage must not keep a key from being destroyed.
        return [`Version ${home.versionId}: its wrapped key cannot be read, so no HSM could be told which to drop.`];
      } finally {
        blobs.forget(home, keyStoreId);
      }
      const undone = await Promise.all(
        pool.members.map((member) => pool.whereRunning(member, (link) => link.forget(blob))),
      );
      return undone.filter((why) => why !== undefined);
    },
  };
}
