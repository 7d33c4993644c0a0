import {
  CONNECTION_RULES,
  type ConnectionEvent,
  type ConnectionNews,
  goes,
  transition,
} from '../domain/kms/connection-states.ts';
import { KEY_STORES, type KeyStoreRecord } from '../domain/kms/key-store.ts';
import type { Place, Transaction } from '../domain/storage.ts';

export const CONNECT_TASK = 'kms.key-store-connect';
export const DISCONNECT_TASK = 'kms.key-store-disconnect';

/** What both tasks carry: work for one epoch of one store. */
export interface ConnectionTask {
  readonly keyStoreId: string;
  readonly epoch: number;
}

/**
 * Takes a store through a transition of the table, together with the task that goes with it. `change` adds what the
 * attempt found out. Returns the record as it is afterwards, unchanged when the event has no effect in its state.
 */
export async function moveStore(
  tx: Transaction,
  place: Place,
  store: KeyStoreRecord,
  event: ConnectionEvent,
  news: ConnectionNews,
  change: Partial<Pick<KeyStoreRecord, 'network' | 'members' | 'leftOver'>> = {},
): Promise<KeyStoreRecord> {
  const rule = CONNECTION_RULES[store.connection][event];
  if (!goes(rule)) return store;
  const next: KeyStoreRecord = { ...transition(store, rule, news), ...change };
  await tx.update(KEY_STORES, place, next);
  for (const [effect, type] of [
    ['start-connect', CONNECT_TASK],
    ['start-disconnect', DISCONNECT_TASK],
  ] as const) {
    if (!rule.effects.includes(effect)) continue;
    const payload: ConnectionTask = { keyStoreId: store.keyStoreId, epoch: next.epoch };
    await tx.enqueue({ type, place, payload, key: `${type}/${place.account}/${store.keyStoreId}/${next.epoch}` });
  }
  return next;
}
