import { KEYS, type KeyRecord } from '../../domain/kms/key.ts';
import { KEY_STATE_AFTER, type KeyEvent } from '../../domain/kms/key-states.ts';
import type { Place, Transaction } from '../../domain/storage.ts';

/** Writes the state a key has after the event; the state table has let it through. */
export async function moveKey(tx: Transaction, place: Place, key: KeyRecord, event: KeyEvent): Promise<void> {
  const { deleteAt: _, ...rest } = key;
  const state = KEY_STATE_AFTER[event];
  if (state !== key.state) await tx.update(KEYS, place, { ...rest, state });
}
