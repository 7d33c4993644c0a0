/** The queries over records, compiled once per engine. */
import { type ExpressionBuilder, sql as raw } from 'kysely';
import { type Slots, type Sql, template } from './sql.ts';
import type { Tables } from './tables.ts';

/** "No limit", for both engines. */
export const ALL = 2 ** 31 - 1;

type Key = { kind: string; account: string; region: string };
type Named = Key & { name: string; value: string };

type InPlace = 'record' | 'record_name' | 'record_index' | 'record_count';

function at<T extends InPlace>(slot: Slots<Key>) {
  return (eb: ExpressionBuilder<Tables, T>) => {
    const columns = eb as unknown as ExpressionBuilder<Tables, 'record'>;
    return columns.and([
      columns('kind', '=', slot.text('kind')),
      columns('account', '=', slot.text('account')),
      columns('region', '=', slot.text('region')),
    ]);
  };
}

function reads({ db }: Sql) {
  const indexed = () =>
    db
      .selectFrom('record_index as i')
      .innerJoin('record as r', (join) =>
        join
          .onRef('r.kind', '=', 'i.kind')
          .onRef('r.account', '=', 'i.account')
          .onRef('r.region', '=', 'i.region')
          .onRef('r.id', '=', 'i.id'),
      );
  return {
    get: template<Key & { id: string }>((slot) =>
      db.selectFrom('record').select(['schema', 'body']).where(at(slot)).where('id', '=', slot.text('id')),
    ),
    find: template<Named>((slot) =>
      db
        .selectFrom('record_name as n')
        .innerJoin('record as r', (join) =>
          join
            .onRef('r.kind', '=', 'n.kind')
            .onRef('r.account', '=', 'n.account')
            .onRef('r.region', '=', 'n.region')
            .onRef('r.id', '=', 'n.id'),
        )
        .select(['r.schema', 'r.body'])
        .where('n.kind', '=', slot.text('kind'))
        .where('n.account', '=', slot.text('account'))
        .where('n.region', '=', slot.text('region'))
        .where('n.name', '=', slot.text('name'))
        .where('n.value', '=', slot.text('value')),
    ),
    list: template<Key & { after: string; limit: number; offset: number }>((slot) =>
      db
        .selectFrom('record')
        .select(['schema', 'body'])
        .where(at(slot))
        .where('id', '>', slot.text('after'))
        .orderBy('id')
        .limit(slot.number('limit'))
        .offset(slot.number('offset')),
    ),
    listBy: template<Named & { after: string; limit: number; offset: number }>((slot) =>
      indexed()
        .select(['r.schema', 'r.body'])
        .where('i.kind', '=', slot.text('kind'))
        .where('i.name', '=', slot.text('name'))
        .where('i.value', '=', slot.text('value'))
        .where('i.account', '=', slot.text('account'))
        .where('i.region', '=', slot.text('region'))
        .where('i.id', '>', slot.text('after'))
        .orderBy('i.id')
        .limit(slot.number('limit'))
        .offset(slot.number('offset')),
    ),
    count: template<Named>((slot) =>
      db
        .selectFrom('record_count')
        .select('n')
        .where(at(slot))
        .where('name', '=', slot.text('name'))
        .where('value', '=', slot.text('value')),
    ),
    inRegions: template<Record<never, never>>(() =>
      db
        .selectFrom('record_count')
        .select(['region', 'kind'])
        .select((eb) => eb.fn.sum<number>('n').as('n'))
        .where('name', '=', '')
        .where('region', '<>', '')
        .where('n', '>', 0)
        .groupBy(['region', 'kind'])
        .orderBy('region')
        .orderBy('kind'),
    ),
    everywhere: template<{ kind: string }>((slot) =>
      db
        .selectFrom('record')
        .select(['account', 'region', 'schema', 'body'])
        .where('kind', '=', slot.text('kind'))
        .orderBy('account')
        .orderBy('region')
        .orderBy('id'),
    ),
    everywhereOf: template<{ kind: string; account: string }>((slot) =>
      db
        .selectFrom('record')
        .select(['account', 'region', 'schema', 'body'])
        .where('kind', '=', slot.text('kind'))
        .where('account', '=', slot.text('account'))
        .orderBy('region')
        .orderBy('id'),
    ),
    everywhereBy: template<{ kind: string; name: string; value: string }>((slot) =>
      indexed()
        .select(['r.account', 'r.region', 'r.schema', 'r.body'])
        .where('i.kind', '=', slot.text('kind'))
        .where('i.name', '=', slot.text('name'))
        .where('i.value', '=', slot.text('value'))
        .orderBy('i.account')
        .orderBy('i.region')
        .orderBy('i.id'),
    ),
    everywhereOfBy: template<{ kind: string; name: string; value: string; account: string }>((slot) =>
      indexed()
        .select(['r.account', 'r.region', 'r.schema', 'r.body'])
        .where('i.kind', '=', slot.text('kind'))
        .where('i.name', '=', slot.text('name'))
        .where('i.value', '=', slot.text('value'))
        .where('i.account', '=', slot.text('account'))
        .orderBy('i.region')
        .orderBy('i.id'),
    ),
  };
}

function writes({ db }: Sql) {
  const named = (slot: Slots<Named & { id: string }>) => ({
    kind: slot.text('kind'),
    account: slot.text('account'),
    region: slot.text('region'),
    name: slot.text('name'),
    value: slot.text('value'),
    id: slot.text('id'),
  });
  const key = (slot: Slots<Key & { id: string; schema: number; body: string }>) => ({
    kind: slot.text('kind'),
    account: slot.text('account'),
    region: slot.text('region'),
    id: slot.text('id'),
    schema: slot.number('schema'),
    body: slot.text('body'),
  });
  return {
    exists: template<Key & { id: string }>((slot) =>
      db.selectFrom('record').select('id').where(at(slot)).where('id', '=', slot.text('id')),
    ),
    nameHolder: template<Named>((slot) =>
      db
        .selectFrom('record_name')
        .select(['name', 'id'])
        .where(at(slot))
        .where('name', '=', slot.text('name'))
        .where('value', '=', slot.text('value')),
    ),
    namesOf: template<Key & { id: string }>((slot) =>
      db.selectFrom('record_name').select(['name', 'value']).where(at(slot)).where('id', '=', slot.text('id')),
    ),
    indexesOf: template<Key & { id: string }>((slot) =>
      db.selectFrom('record_index').select(['name', 'value']).where(at(slot)).where('id', '=', slot.text('id')),
    ),
    insert: template<Key & { id: string; schema: number; body: string }>((slot) =>
      db.insertInto('record').values(key(slot)),
    ),
    update: template<Key & { id: string; schema: number; body: string }>((slot) =>
      db
        .updateTable('record')
        .set({ schema: slot.number('schema'), body: slot.text('body') })
        .where(at(slot))
        .where('id', '=', slot.text('id')),
    ),
    remove: template<Key & { id: string }>((slot) =>
      db.deleteFrom('record').where(at(slot)).where('id', '=', slot.text('id')),
    ),
    addName: template<Named & { id: string }>((slot) => db.insertInto('record_name').values(named(slot))),
    removeName: template<Named & { id: string }>((slot) =>
      db
        .deleteFrom('record_name')
        .where(at(slot))
        .where('name', '=', slot.text('name'))
        .where('value', '=', slot.text('value')),
    ),
    addIndex: template<Named & { id: string }>((slot) => db.insertInto('record_index').values(named(slot))),
    removeIndex: template<Named & { id: string }>((slot) =>
      db
        .deleteFrom('record_index')
        .where(at(slot))
        .where('name', '=', slot.text('name'))
        .where('value', '=', slot.text('value'))
        .where('id', '=', slot.text('id')),
    ),
    countUp: template<Named>((slot) =>
      db
        .insertInto('record_count')
        .values({
          kind: slot.text('kind'),
          account: slot.text('account'),
          region: slot.text('region'),
          name: slot.text('name'),
          value: slot.text('value'),
          n: 1,
        })
        .onConflict((on) =>
          on
            .columns(['kind', 'account', 'region', 'name', 'value'])
            .doUpdateSet({ n: raw<number>`record_count.n + 1` }),
        ),
    ),
    countDown: template<Named>((slot) =>
      db
        .updateTable('record_count')
        .set({ n: raw<number>`n - 1` })
        .where(at(slot))
        .where('name', '=', slot.text('name'))
        .where('value', '=', slot.text('value')),
    ),
    /** Counts that reached nothing leave no row behind. */
    forgetCount: template<Named>((slot) =>
      db
        .deleteFrom('record_count')
        .where(at(slot))
        .where('name', '=', slot.text('name'))
        .where('value', '=', slot.text('value'))
        .where('n', '<=', 0),
    ),
  };
}

/** All record queries for one engine. */
export function recordQueries(sql: Sql) {
  return { ...reads(sql), ...writes(sql) };
}

export type RecordQueries = ReturnType<typeof recordQueries>;
