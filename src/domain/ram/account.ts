import type { Collection, Place } from '../storage.ts';

/** An account: the owner of resources, and of its root user. */
export interface AccountRecord {
  /** 16 digits. */
  readonly accountId: string;
  readonly createdAt: number;
}

/** Where records live that are found before their account is known: accounts and AccessKeys. */
export const EVERY_ACCOUNT: Place = { account: '', region: '' };

/** Where an account's identities, roles and policies live. */
export function ramPlace(account: string): Place {
  return { account, region: '' };
}

/** Kept in {@link EVERY_ACCOUNT}. */
export const ACCOUNTS: Collection<AccountRecord> = {
  kind: 'ram.account',
  group: 'ram',
  schema: 1,
  id: (account) => account.accountId,
};
