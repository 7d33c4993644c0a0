import type { Place } from '../storage.ts';
import type { TaskRequest } from '../tasks.ts';
import type { KeyRecord } from './key.ts';

export const KEY_DELETION = 'kms.key-deletion';

/** The order to destroy a key. Void when the key's deletion was cancelled, or scheduled anew for another time. */
export interface KeyDeletion {
  readonly keyId: string;
  /** Service time, milliseconds. */
  readonly deleteAt: number;
}

/** The task that destroys a key at `deleteAt`. Each date has a task of its own, since a task's date never changes. */
export function keyDeletionTask(place: Place, order: KeyDeletion): TaskRequest {
  return {
    type: KEY_DELETION,
    place,
    payload: order,
    due: new Date(order.deleteAt),
    key: `${KEY_DELETION}/${place.account}/${place.region}/${order.keyId}/${order.deleteAt}`,
  };
}

/** Whether the order still stands. */
export function deletionStands(key: KeyRecord | undefined, order: KeyDeletion): key is KeyRecord {
  return key?.state === 'PendingDeletion' && key.deleteAt === order.deleteAt;
}
