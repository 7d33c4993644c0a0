import type { Collection } from '../storage.ts';
import type { PolicyOrigin } from './policy.ts';

export type EntityKind = 'user' | 'group' | 'role';

/** A policy attached to a user, group or role. */
export interface AttachmentRecord {
  readonly entity: EntityKind;
  /** UserId, GroupId or RoleId: names change, and may be given to others later. */
  readonly entityId: string;
  readonly policyType: PolicyOrigin;
  readonly policyName: string;
  readonly attachedAt: number;
}

type Key = Pick<AttachmentRecord, 'entity' | 'entityId' | 'policyType' | 'policyName'>;

export function attachmentId(key: Key): string {
  return `${attachedEntity(key)}/${attachedPolicy(key)}`;
}

/** Value of the index `entity`. */
export function attachedEntity(key: Pick<Key, 'entity' | 'entityId'>): string {
  return `${key.entity}/${key.entityId}`;
}

/** Value of the index `policy`. */
export function attachedPolicy(key: Pick<Key, 'policyType' | 'policyName'>): string {
  return `${key.policyType}/${key.policyName}`;
}

export const ATTACHMENTS: Collection<AttachmentRecord> = {
  kind: 'ram.attachment',
  group: 'ram',
  schema: 1,
  id: attachmentId,
  indexes: { entity: attachedEntity, policy: attachedPolicy },
};
