import type { Place } from '../storage.ts';
import type { TaskRequest } from '../tasks.ts';
import type { KeyRecord } from './key.ts';

export const KEY_ROTATION = 'kms.key-rotation';

/** The order to give a key a new primary version. Void when it has got one already. */
export interface KeyRotation {
  readonly keyId: string;
  /** The primary version that is to be relieved. */
  readonly versionId: string;
}

/** The task that rotates a key; one for each version to be relieved. */
export function keyRotationTask(place: Place, order: KeyRotation): TaskRequest {
  return {
    type: KEY_ROTATION,
    place,
    payload: order,
    key: `${KEY_ROTATION}/${place.account}/${place.region}/${order.versionId}`,
  };
}

/** Whether the order still stands. A key that waits for its deletion encrypts nothing, so it needs no new version. */
export function rotationStands(key: KeyRecord | undefined, order: KeyRotation): key is KeyRecord {
  return key !== undefined && key.primaryVersionId === order.versionId && key.state !== 'PendingDeletion';
}
