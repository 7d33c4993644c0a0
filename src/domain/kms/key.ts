import type { Collection } from '../storage.ts';

export type KeyState = 'Enabled' | 'Disabled' | 'PendingDeletion' | 'PendingImport';

/** A customer master key (CMK), without its material. */
export interface KeyRecord {
  readonly keyId: string;
  readonly keySpec: string;
  readonly keyUsage: 'ENCRYPT/DECRYPT' | 'SIGN/VERIFY';
  readonly origin: 'Aliyun_KMS' | 'EXTERNAL';
  readonly protectionLevel: 'SOFTWARE' | 'HSM';
  /** Account id of the creator. */
  readonly creator: string;
  /** Service time, milliseconds. */
  readonly createdAt: number;
  readonly description: string;
  readonly state: KeyState;
  /** When the key is destroyed; only in PendingDeletion. */
  readonly deleteAt?: number;
  /** Version that new messages are encrypted under. */
  readonly primaryVersionId: string;
  /** Private key store that holds the key; absent for the default store. */
  readonly keyStoreId?: string;
  readonly lastRotatedAt: number;
  /** Sorted by name. */
  readonly tags: readonly Tag[];
}

/** A label of a key. */
export interface Tag {
  readonly key: string;
  readonly value: string;
}

/** One version of a key, with its protected material. */
export interface KeyVersionRecord {
  /** UUID: the ciphertext layout depends on its 36 characters. */
  readonly versionId: string;
  readonly keyId: string;
  readonly createdAt: number;
  readonly material: KeyMaterial;
}

/** How a key's material is kept: never in clear. */
export type KeyMaterial =
  /** Sealed under the root key. */
  | { readonly kind: 'software'; readonly sealed: string }
  /** Wrapped inside an HSM under the cluster key of the store's security domain. */
  | { readonly kind: 'hsm'; readonly keyStoreId: string; readonly blob: string; readonly checkValue: string };

export interface AliasRecord {
  /** With its prefix: `alias/name`. */
  readonly aliasName: string;
  readonly keyId: string;
  readonly createdAt: number;
}

export const KEYS: Collection<KeyRecord> = {
  kind: 'kms.key',
  group: 'kms',
  schema: 1,
  id: (key) => key.keyId,
  indexes: { keyStore: (key) => key.keyStoreId, state: (key) => key.state },
};

export const KEY_VERSIONS: Collection<KeyVersionRecord> = {
  kind: 'kms.key-version',
  group: 'kms',
  schema: 1,
  id: (version) => version.versionId,
  indexes: { key: (version) => version.keyId },
};

export const ALIASES: Collection<AliasRecord> = {
  kind: 'kms.alias',
  group: 'kms',
  schema: 1,
  id: (alias) => alias.aliasName,
  indexes: { key: (alias) => alias.keyId },
};

/** Counter of messages encrypted under a version; its limit keeps random IVs safe. */
export function messageCounter(versionId: string): string {
  return `kms.messages/${versionId}`;
}
