import type { Collection } from '../storage.ts';

/** A group of RAM users; policies attached to it are its members'. */
export interface GroupRecord {
  readonly groupId: string;
  readonly groupName: string;
  readonly comments: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface MembershipRecord {
  readonly groupId: string;
  readonly userId: string;
  readonly joinedAt: number;
}

export const GROUPS: Collection<GroupRecord> = {
  kind: 'ram.group',
  group: 'ram',
  schema: 1,
  id: (group) => group.groupId,
  unique: { name: (group) => group.groupName },
};

/** Id of a membership. */
export function membershipId(groupId: string, userId: string): string {
  return `${groupId}/${userId}`;
}

export const MEMBERSHIPS: Collection<MembershipRecord> = {
  kind: 'ram.membership',
  group: 'ram',
  schema: 1,
  id: (membership) => membershipId(membership.groupId, membership.userId),
  indexes: { group: (membership) => membership.groupId, user: (membership) => membership.userId },
};
