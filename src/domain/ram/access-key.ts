import type { Collection } from '../storage.ts';

/** An AccessKey of a RAM user or of an account's root user. */
export interface AccessKeyRecord {
  readonly accessKeyId: string;
  readonly account: string;
  /** Absent for the root user's keys. */
  readonly userId?: string;
  /** Sealed; binding {@link accessKeyBinding}. */
  readonly sealedSecret: string;
  readonly status: 'Active' | 'Inactive';
  readonly createdAt: number;
}

/** Under which the secret is sealed. */
export function accessKeyBinding(account: string, accessKeyId: string): string {
  return `ram.access-key/${account}/${accessKeyId}`;
}

/** Index value of the keys of a user; without an id, of the account's root user. */
export function accessKeyOwner(account: string, userId: string | undefined): string {
  return `${account}/${userId ?? 'root'}`;
}

/**
 * Kept in the place `EVERY_ACCOUNT`: a request names nothing but the key's id, so ids are unique over all accounts and
 * found without one.
 */
export const ACCESS_KEYS: Collection<AccessKeyRecord> = {
  kind: 'ram.access-key',
  group: 'ram',
  schema: 1,
  id: (key) => key.accessKeyId,
  indexes: { owner: (key) => accessKeyOwner(key.account, key.userId) },
};
