import type { Collection } from '../storage.ts';

/** A RAM user. Renaming keeps the id, and with it attachments, groups and AccessKeys. */
export interface UserRecord {
  readonly userId: string;
  /** Unique in the account, case kept and told apart. */
  readonly userName: string;
  readonly displayName: string;
  readonly mobilePhone: string;
  readonly email: string;
  readonly comments: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export const USERS: Collection<UserRecord> = {
  kind: 'ram.user',
  group: 'ram',
  schema: 1,
  id: (user) => user.userId,
  unique: { name: (user) => user.userName },
};
