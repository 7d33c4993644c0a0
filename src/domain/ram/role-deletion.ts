import type { Collection } from '../storage.ts';
import type { RoleUsage } from './role-usage.ts';

export type DeletionStatus = 'NOT_STARTED' | 'IN_PROGRESS' | 'SUCCEEDED' | 'FAILED' | 'INTERNAL_ERROR';

/** One attempt to delete a service-linked role. Stays readable when the role is gone. */
export interface RoleDeletionRecord {
  /** `task/acs-service-role/<service>/<RoleName>/<uuid>`. */
  readonly deletionTaskId: string;
  readonly roleId: string;
  readonly roleName: string;
  readonly serviceName: string;
  readonly status: DeletionStatus;
  readonly createdAt: number;
  readonly finishedAt?: number;
  /** Region the deletion was asked through; the event of the outcome carries it. */
  readonly region: string;
  /** Why it failed. */
  readonly message?: string;
  /** What still uses the role, by region; only when FAILED. */
  readonly usages?: readonly RoleUsage[];
}

/** How long an ended attempt stays readable, in days. */
export const ROLE_DELETION_KEPT_DAYS = 180;

export function isRunning(deletion: RoleDeletionRecord): boolean {
  return deletion.status === 'NOT_STARTED' || deletion.status === 'IN_PROGRESS';
}

export const ROLE_DELETIONS: Collection<RoleDeletionRecord> = {
  kind: 'ram.role-deletion',
  group: 'ram',
  schema: 1,
  id: (deletion) => deletion.deletionTaskId,
  unique: { running: (deletion) => (isRunning(deletion) ? deletion.roleId : undefined) },
  indexes: { role: (deletion) => deletion.roleId },
};
