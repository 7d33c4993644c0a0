/** Looks at a database without opening it for use: for `coffer doctor` and `coffer status`. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { DatabaseDamaged, DatabaseUnreachable } from './errors.ts';
import { SCHEMA_VERSION } from './migrate.ts';
import type { StorageOptions } from './options.ts';
import { sqliteError } from './sqlite/client.ts';
import { DATABASE_FILE } from './sqlite/engine.ts';

export interface Inspection {
  readonly where: string;
  /** Version of the database's schema, and the newest this program knows. */
  readonly schema: number;
  readonly known: number;
  /** `ok`, or what SQLite found wrong. PostgreSQL checks its pages itself: `ok` when it answers. */
  readonly integrity: string;
  readonly sizeBytes: number;
  /** Records per kind. */
  readonly records: Readonly<Record<string, number>>;
  /** Audit events ever written. */
  readonly events: number;
  readonly unfinishedTasks: number;
}

type Ask = (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;

async function contents(ask: Ask): Promise<Pick<Inspection, 'schema' | 'records' | 'events' | 'unfinishedTasks'>> {
  const [schema] = await ask('select max(number) as n from migration');
  const kinds = await ask("select kind, sum(n) as n from record_count where name = '' group by kind order by kind");
  const [events] = await ask('select max(seq) as n from audit_event');
  const [tasks] = await ask("select count(*) as n from task where state = 'pending'");
  return {
    schema: Number(schema?.n ?? 0),
    records: Object.fromEntries(kinds.map((row) => [String(row.kind), Number(row.n)])),
    events: Number(events?.n ?? 0),
    unfinishedTasks: Number(tasks?.n ?? 0),
  };
}

async function inspectSqlite(directory: string): Promise<Inspection> {
  const file = join(directory, DATABASE_FILE);
  if (!existsSync(file)) throw new DatabaseUnreachable(directory, 'there is no database yet');
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(file, { readOnly: true, timeout: 5000 });
    const open = db;
    const check = open.prepare('pragma integrity_check(10)').all();
    const found = await contents(async (sql) => open.prepare(sql).all());
    return {
      where: directory,
      known: SCHEMA_VERSION,
      integrity: check.map((row) => String(row.integrity_check)).join('; '),
      sizeBytes: statSync(file).size,
      ...found,
    };
  } catch (error) {
    const { message, errcode } = error as { message: string; errcode?: number };
    if (errcode === 1) throw new DatabaseDamaged(directory, message, error);
    throw sqliteError(directory, { message, code: errcode });
  } finally {
    db?.close();
  }
}

async function inspectPostgres(options: StorageOptions & { kind: 'postgres' }): Promise<Inspection> {
  const { openClient, postgresError, whereOf } = await import('./postgres/connection.ts');
  const where = whereOf(options.url);
  const client = openClient(options, 10_000);
  try {
    await client.connect();
    const ask: Ask = async (sql) => (await client.query(sql)).rows as Record<string, unknown>[];
    const found = await contents(ask);
    const [size] = await ask('select pg_database_size(current_database()) as n');
    return { where, known: SCHEMA_VERSION, integrity: 'ok', sizeBytes: Number(size?.n), ...found };
  } catch (error) {
    const missing = (error as { code?: unknown }).code === '42P01';
    throw missing ? new DatabaseUnreachable(where, 'it has no tables yet', error) : postgresError(where, error);
  } finally {
    await client.end().catch(() => {});
  }
}

/**
 * Reads version, integrity, size and counts, also while the database is in use. Changes nothing. The integrity check
 * reads all of an SQLite file.
 */
export function inspectStorage(options: StorageOptions): Promise<Inspection> {
  return options.kind === 'sqlite' ? inspectSqlite(options.directory) : inspectPostgres(options);
}
