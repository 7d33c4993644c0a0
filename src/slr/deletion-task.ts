import { roleArn } from '../core/arn.ts';
import type { Random } from '../core/random.ts';
import { lookup } from '../core/table.ts';
import { DAY_MS } from '../core/time.ts';
import { ATTACHMENTS, attachedEntity, attachmentId } from '../domain/ram/attachment.ts';
import { ROLES, type RoleRecord } from '../domain/ram/role.ts';
import {
  isRunning,
  ROLE_DELETION_KEPT_DAYS,
  ROLE_DELETIONS,
  type RoleDeletionRecord,
} from '../domain/ram/role-deletion.ts';
import type { UsageProbe } from '../domain/ram/role-usage.ts';
import { serviceEvent } from '../domain/service-event.ts';
import type { Place, Storage, Transaction } from '../domain/storage.ts';
import type { TaskHandler } from '../domain/tasks.ts';

/** Type of the task that decides on the deletion of a role. */
export const ROLE_DELETION = 'ram.role-deletion';
/** Type of the task that forgets an ended one. */
export const ROLE_DELETION_FORGET = 'ram.role-deletion-forget';

export interface RoleDeletionOrder {
  readonly deletionTaskId: string;
}

export interface RoleDeletionPorts {
  /** How each linked service is asked, by its name. A service without one cannot tell, so its role is kept. */
  readonly usageProbes: Readonly<Record<string, UsageProbe>>;
  readonly random: Random;
}

/** A deletion that cannot be decided, as the probe throws, is tried so many times before it ends with INTERNAL_ERROR. */
const ATTEMPTS = 3;

type Outcome = Pick<RoleDeletionRecord, 'status' | 'message' | 'usages'>;

const CANNOT_TELL: Outcome = {
  status: 'INTERNAL_ERROR',
  message: 'The linked service cannot tell what uses the role.',
};

async function markStarted(storage: Storage, place: Place, id: string): Promise<void> {
  await storage.transaction(async (tx) => {
    const deletion = await tx.get(ROLE_DELETIONS, place, id);
    if (deletion?.status === 'NOT_STARTED') {
      await tx.update<RoleDeletionRecord>(ROLE_DELETIONS, place, { ...deletion, status: 'IN_PROGRESS' });
    }
  });
}

async function removeRole(tx: Transaction, place: Place, role: RoleRecord): Promise<void> {
  const value = attachedEntity({ entity: 'role', entityId: role.roleId });
  for (const attachment of await tx.list(ATTACHMENTS, place, { index: 'entity', value })) {
    await tx.remove(ATTACHMENTS, place, attachmentId(attachment));
  }
  await tx.remove(ROLES, place, role.roleId);
}

/** Asks the linked service, and removes the role when nothing needs it. Throws when the service cannot be asked. */
async function decide(
  tx: Transaction,
  place: Place,
  deletion: RoleDeletionRecord,
  probe: UsageProbe | undefined,
): Promise<Outcome> {
  const role = await tx.get(ROLES, place, deletion.roleId);
  if (role === undefined) return { status: 'SUCCEEDED' };
  if (probe === undefined) return CANNOT_TELL;
  const usages = await probe(tx, place.account, role);
  if (usages.length > 0) {
    const arn = roleArn(place.account, role.roleName);
    const message = `Service-Linked Role ${arn} cannot be deleted as it is in use by ${deletion.serviceName}.`;
    return { status: 'FAILED', message, usages };
  }
  await removeRole(tx, place, role);
  return { status: 'SUCCEEDED' };
}

/**
 * Ends the deletion of a service-linked role: asks the linked service what still needs it and removes it when nothing
 * does, both in one transaction with the outcome, so that nothing that needs the role can come in between.
 */
export function createRoleDeletion({ usageProbes, random }: RoleDeletionPorts): TaskHandler<RoleDeletionOrder> {
  return {
    type: ROLE_DELETION,
    run: async ({ place, clock, storage, attempt }, { deletionTaskId }) => {
      await markStarted(storage, place, deletionTaskId);
      const conclude = async (
        tx: Transaction,
        outcomeOf: (deletion: RoleDeletionRecord) => Promise<Outcome>,
      ): Promise<void> => {
        const deletion = await tx.get(ROLE_DELETIONS, place, deletionTaskId);
        if (deletion === undefined || !isRunning(deletion)) return;
        const outcome = await outcomeOf(deletion);
        const now = clock.now();
        await tx.update(ROLE_DELETIONS, place, { ...deletion, ...outcome, finishedAt: now.getTime() });
        await tx.audit(finishedEvent(deletion, outcome, place, now, random));
        await tx.enqueue({
          type: ROLE_DELETION_FORGET,
          place,
          payload: { deletionTaskId },
          due: new Date(now.getTime() + ROLE_DELETION_KEPT_DAYS * DAY_MS),
        });
      };
      try {
        await storage.transaction((tx) =>
          conclude(tx, (deletion) => decide(tx, place, deletion, lookup(usageProbes, deletion.serviceName))),
        );
      } catch (error) {
        if (attempt < ATTEMPTS) throw error;
        // Not in the transaction that failed: after a failed statement a database takes no more in it.
        return { end: 'done', commit: (tx) => conclude(tx, async () => CANNOT_TELL) };
      }
      return { end: 'done' };
    },
  };
}

function finishedEvent(deletion: RoleDeletionRecord, outcome: Outcome, place: Place, at: Date, random: Random) {
  const { deletionTaskId, roleName, roleId, serviceName, region } = deletion;
  return serviceEvent(
    {
      product: 'ResourceManager',
      name: 'ServiceLinkedRoleDeletionFinished',
      place: { account: place.account, region },
      at,
      service: 'resourcemanager.aliyuncs.com',
      resources: { 'ACS::RAM::Role': [roleName] },
      data: {
        DeletionTaskId: deletionTaskId,
        RoleId: roleId,
        ServiceName: serviceName,
        Status: outcome.status,
        ...(outcome.usages === undefined ? {} : { RoleUsages: outcome.usages }),
      },
    },
    random,
  );
}

/** Forgets deletions that ended long ago. */
export function createRoleDeletionForget(): TaskHandler<RoleDeletionOrder> {
  return {
    type: ROLE_DELETION_FORGET,
    run: async ({ place }, { deletionTaskId }) => ({
      end: 'done',
      commit: async (tx) => {
        await tx.remove(ROLE_DELETIONS, place, deletionTaskId);
      },
    }),
  };
}
