import { KEYS, type KeyRecord } from '../../domain/kms/key.ts';
import { KEY_STATE_AFTER, type KeyEvent } from '../../domain/kms/key-states.ts';
import type { Place, Transaction } from '../../domain/storage.ts';

/**
 * Writes the state a key has after the event; the state table has let it through. `deleteAt` is
 * for the event `schedule-deletion`; after the others a key has none.
 */
export async function moveKey(
  tx: Transaction,
  place: Place,
  key: KeyRecord,
  event: KeyEvent,
  deleteAt?: number,
): Promise<void> {
  const { deleteAt: _, ...rest } = key;
  const state = KEY_STATE_AFTER[event];
  if (state === key.state) return;
  await tx.update(KEYS, place, { ...rest, state, ...(deleteAt === undefined ? {} : { deleteAt }) });
}
