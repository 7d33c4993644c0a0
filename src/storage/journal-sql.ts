import { sql as raw } from 'kysely';
import type { Sql } from './sql.ts';
import { EVENT_COLUMNS } from './tables.ts';

/** Statements that write one row each: a nonce (key, until, now), an event, a count (counter, by). */
export function journalSql(sql: Sql): { nonce: string; event: string; count: string } {
  const { db } = sql;
  const event = Object.fromEntries(EVENT_COLUMNS.map((name) => [name, '']));
  return {
    nonce: db
      .insertInto('nonce')
      .values({ key: '', until: 0 })
      // A nonce past its window may be used again; whether it was used shows in the number of rows changed.
      .onConflict((on) =>
        on
          .column('key')
          .doUpdateSet({ until: (eb) => eb.ref('excluded.until') })
          .where('nonce.until', '<=', 0),
      )
      .compile().sql,
    event: db
      .insertInto('audit_event')
      .values(event as never)
      .compile().sql,
    count: db
      .insertInto('counter')
      .values({ name: '', value: 0 })
      .onConflict((on) => on.column('name').doUpdateSet({ value: raw`counter.value + excluded.value` }))
      .compile().sql,
  };
}
