/** The queries over tasks, nonces, counters and what is forgotten, compiled once per engine. */
import { sql as raw } from 'kysely';
import { type Sql, template } from './sql.ts';

type NewTask = {
  id: string;
  type: string;
  account: string;
  region: string;
  payload: string;
  due: number;
  key: string | null;
};
type Held = { id: string; owner: string; attempt: number };

export function taskQueries({ db, rowLocks }: Sql) {
  const held = (slot: { text(name: 'id' | 'owner'): string; number(name: 'attempt'): number }) =>
    db
      .updateTable('task')
      .where('id', '=', slot.text('id'))
      .where('state', '=', 'pending')
      .where('lease_owner', '=', slot.text('owner'))
      // Each claim raises it, so it tells this lease from a later one of the same node.
      .where('attempt', '=', slot.number('attempt'));
  return {
    withKey: template<{ key: string }>((slot) =>
      db.selectFrom('task').select('id').where('key', '=', slot.text('key')).where('state', '=', 'pending'),
    ),
    add: template<NewTask>((slot) =>
      db.insertInto('task').values({
        id: slot.text('id'),
        type: slot.text('type'),
        account: slot.text('account'),
        region: slot.text('region'),
        payload: slot.text('payload'),
        due: slot.number('due'),
        key: slot.text('key'),
        state: 'pending',
        attempt: 0,
      }),
    ),
    claim: template<{ now: number; wall: number; owner: string; until: number; limit: number }>((slot) =>
      db
        .updateTable('task')
        .set({
          lease_owner: slot.text('owner'),
          lease_until: slot.number('until'),
          attempt: raw<number>`attempt + 1`,
        })
        .where('id', 'in', (eb) => {
          const due = eb
            .selectFrom('task')
            .select('id')
            .where('state', '=', 'pending')
            .where('due', '<=', slot.number('now'))
            .where((or) => or.or([or('lease_until', 'is', null), or('lease_until', '<=', slot.number('wall'))]))
            .orderBy('due')
            .orderBy('id')
            .limit(slot.number('limit'));
          return rowLocks ? due.forUpdate().skipLocked() : due;
        })
        .returning(['id', 'type', 'account', 'region', 'payload', 'attempt', 'due']),
    ),
    /** Ends all leases: of use only where no other process can hold one. */
    freeAll: template<Record<never, never>>(() =>
      db
        .updateTable('task')
        .set({ lease_owner: null, lease_until: null })
        .where('state', '=', 'pending')
        .where('lease_owner', 'is not', null)
        .returning('id'),
    ),
    finish: template<Held & { wall: number }>((slot) =>
      held(slot)
        .set({ state: 'done', finished: slot.number('wall'), lease_owner: null, lease_until: null })
        .returning('id'),
    ),
    renew: template<Held & { until: number }>((slot) =>
      held(slot)
        .set({ lease_until: slot.number('until') })
        .returning('id'),
    ),
    retry: template<Held & { due: number }>((slot) =>
      held(slot)
        .set({ due: slot.number('due'), lease_owner: null, lease_until: null })
        .returning('id'),
    ),
    nextDue: template<{ wall: number }>((slot) =>
      db
        .selectFrom('task')
        .select('due')
        .where('state', '=', 'pending')
        .where((or) => or.or([or('lease_until', 'is', null), or('lease_until', '<=', slot.number('wall'))]))
        .orderBy('due')
        .limit(1),
    ),
    useNonce: template<{ key: string; until: number; now: number }>((slot) =>
      db
        .insertInto('nonce')
        .values({ key: slot.text('key'), until: slot.number('until') })
        .onConflict((on) =>
          on
            .column('key')
            .doUpdateSet({ until: (eb) => eb.ref('excluded.until') })
            .where('nonce.until', '<=', slot.number('now')),
        )
        .returning('key'),
    ),
    removeCounter: template<{ name: string }>((slot) => db.deleteFrom('counter').where('name', '=', slot.text('name'))),
    forgetNonces: template<{ now: number; limit: number }>((slot) =>
      db
        .deleteFrom('nonce')
        .where('key', 'in', (eb) =>
          eb
            .selectFrom('nonce')
            .select('key')
            .where('until', '<=', slot.number('now'))
            .orderBy('until')
            .limit(slot.number('limit')),
        )
        .returning(raw<number>`1`.as('gone')),
    ),
    forgetTasks: template<{ before: number; limit: number }>((slot) =>
      db
        .deleteFrom('task')
        .where('id', 'in', (eb) =>
          eb
            .selectFrom('task')
            .select('id')
            .where('state', '=', 'done')
            .where('finished', '<=', slot.number('before'))
            .limit(slot.number('limit')),
        )
        .returning(raw<number>`1`.as('gone')),
    ),
    forgetChanges: template<{ before: number; limit: number }>((slot) =>
      db
        .deleteFrom('change')
        .where('seq', 'in', (eb) =>
          eb
            .selectFrom('change')
            .select('seq')
            .where('at', '<=', slot.number('before'))
            .orderBy('seq')
            .limit(slot.number('limit')),
        )
        .returning(raw<number>`1`.as('gone')),
    ),
    addChange: template<{ node: string; at: number; what: string }>((slot) =>
      db.insertInto('change').values({ node: slot.text('node'), at: slot.number('at'), what: slot.text('what') }),
    ),
  };
}

export type TaskQueries = ReturnType<typeof taskQueries>;
