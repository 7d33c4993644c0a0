/** Brings a database to this program's schema, inside a transaction the caller holds alone. */
import { createHash } from 'node:crypto';
import type { Row } from './engine.ts';
import { DatabaseDamaged, DatabaseNewer, DatabaseOlder } from './errors.ts';
import { MIGRATIONS } from './migrations/list.ts';
import type { Migration } from './migrations/migration.ts';
import { type Sql, statement } from './sql.ts';
import type { Statement } from './statement.ts';

/** Number of the newest step this program knows. */
export const SCHEMA_VERSION = MIGRATIONS.length;

function checksum(statements: readonly Statement[]): string {
  const hash = createHash('sha256');
  for (const { sql, parameters } of statements) hash.update(JSON.stringify([sql, parameters]));
  return hash.digest('hex');
}

/** The database to be brought up to date. */
export interface Target {
  readonly sql: Sql;
  readonly where: string;
  /** Wall clock, milliseconds. */
  readonly now: number;
  /** Whether a database of an earlier version may be changed. */
  readonly upgrade: boolean;
}

/**
 * Applies the steps that are missing. `run` executes inside the transaction. Throws {@link DatabaseNewer} when the
 * database knows steps this program does not, {@link DatabaseOlder} when it lacks some and may not be changed,
 * {@link DatabaseDamaged} when a recorded step was another one.
 */
export async function migrate(
  { sql, where, now, upgrade }: Target,
  run: (statements: readonly Statement[]) => Promise<Row[][]>,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<void> {
  const { db, types } = sql;
  const own = db.schema
    .createTable('migration')
    .ifNotExists()
    .addColumn('number', types.integer, (column) => column.notNull().primaryKey())
    .addColumn('name', types.text, (column) => column.notNull())
    .addColumn('checksum', types.text, (column) => column.notNull())
    .addColumn('at', types.integer, (column) => column.notNull());
  const [, applied] = await run([statement(own), statement(db.selectFrom('migration').selectAll().orderBy('number'))]);
  const newest = applied!.length === 0 ? 0 : Number(applied!.at(-1)!.number);
  if (newest > migrations.length) throw new DatabaseNewer(where, newest, migrations.length);
  if (newest < migrations.length && !upgrade) throw new DatabaseOlder(where, newest, migrations.length);
  for (const [index, migration] of migrations.entries()) {
    const steps = migration.statements(sql).map(statement);
    const sum = checksum(steps);
    const earlier = applied![index];
    if (earlier === undefined) {
      const record = { number: migration.number, name: migration.name, checksum: sum, at: now };
      await run([...steps, statement(db.insertInto('migration').values(record))]);
    } else if (earlier.number !== migration.number || earlier.checksum !== sum) {
      throw new DatabaseDamaged(where, `its schema step ${String(earlier.number)} is not this program's`);
    }
  }
}
