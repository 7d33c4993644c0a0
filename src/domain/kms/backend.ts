/** What keeps and uses key material: the default store (software), or the HSM cluster of a private key store. */
import type { Secret } from '../../core/secret.ts';
import type { Place } from '../storage.ts';
import type { KeyMaterial } from './key.ts';
import type { KeyStoreRecord } from './key-store.ts';

/** Where a material lives: part of what it is sealed or wrapped with. */
export interface MaterialHome {
  readonly place: Place;
  readonly keyId: string;
  readonly versionId: string;
}

/** Mandatory part of a backend. AES-GCM with a 96-bit IV and a 128-bit tag at the ciphertext's end. */
export interface KeyBackend {
  /** Makes key material; when it resolves the material is usable on as many members as the store's quorum asks. */
  generate(bits: 128 | 192 | 256, home: MaterialHome): Promise<KeyMaterial>;
  /** Ciphertext followed by the 16-byte tag. */
  encrypt(
    material: KeyMaterial,
    home: MaterialHome,
    iv: Uint8Array,
    context: Uint8Array,
    plaintext: Secret,
  ): Promise<Uint8Array>;
  /** Throws {@link BadCiphertext} when the tag does not fit. */
  decrypt(
    material: KeyMaterial,
    home: MaterialHome,
    iv: Uint8Array,
    context: Uint8Array,
    ciphertext: Uint8Array,
  ): Promise<Secret>;
  random(count: number): Promise<Secret>;
  /**
   * Drops what the backend holds of a material that is being destroyed. Returns where it may still be held in memory,
   * a sentence for each place; empty when nowhere.
   */
  forget(material: KeyMaterial, home: MaterialHome): Promise<readonly string[]>;
}

/** The stores' backends. */
export interface KeyBackends {
  readonly software: KeyBackend;
  /** The backend of a store in state Connected; opens its HSM sessions when this node has none yet. */
  store(place: Place, store: KeyStoreRecord): KeyBackend;
  /** Closes this node's sessions to a store (disconnect, failure, deletion). */
  close(place: Place, keyStoreId: string): Promise<void>;
  /** Members that answer now, for DescribeKeyStore. */
  health(place: Place, store: KeyStoreRecord): Promise<{ readonly total: number; readonly available: number }>;
}

/** The ciphertext, its context or its key do not belong together. */
export class BadCiphertext extends Error {
  constructor() {
    super('ciphertext does not open');
    this.name = 'BadCiphertext';
  }
}

/** No member of the store can serve the call now; the caller may try again. */
export class StoreUnavailable extends Error {
  readonly detail: string;
  constructor(detail: string, options?: { cause?: unknown }) {
    super(`key store unavailable: ${detail}`, options);
    this.name = 'StoreUnavailable';
    this.detail = detail;
  }
}

/** Fewer members than the quorum are available, so no key can be made. */
export class QuorumMissing extends Error {
  readonly available: number;
  readonly needed: number;
  constructor(available: number, needed: number) {
    super(`${available} of ${needed} members available`);
    this.name = 'QuorumMissing';
    this.available = available;
    this.needed = needed;
  }
}
