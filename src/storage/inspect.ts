/** Looks at a database without opening it for use: for `coffer doctor` and `coffer status`. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type Ask, type Contents, contentsOf } from './contents.ts';
import { DatabaseDamaged, DatabaseUnreachable } from './errors.ts';
import { SCHEMA_VERSION } from './migrate.ts';
import type { StorageOptions } from './options.ts';
import { sqliteError } from './sqlite/client.ts';
import { DATABASE_FILE } from './sqlite/engine.ts';
import type { Inspected, InspectionData } from './sqlite/inspection.ts';

export interface Inspection extends Contents {
  readonly where: string;
  /** The newest version of the schema that this program knows. */
  readonly known: number;
  /** `ok`, or what SQLite found wrong. PostgreSQL checks its pages itself: `ok` when it answers. */
  readonly integrity: string;
  readonly sizeBytes: number;
}

/** Reading a whole file takes its time; a disk that takes longer is taken for dead. */
const INSPECTION_MS = 110_000;

/** SQLite's code for a statement that makes no sense in this file: it has not our tables. */
const NO_SUCH_TABLE = 1;

/** In a thread of its own, so that a server goes on meanwhile. */
async function inThread(directory: string, data: InspectionData): Promise<Inspected> {
  const thread = new Worker(new URL('./sqlite/inspection.ts', import.meta.url), { workerData: data, execArgv: [] });
  try {
    return await new Promise<Inspected>((resolve, reject) => {
      const give = (detail: string) => reject(new DatabaseUnreachable(directory, detail));
      const timer = setTimeout(() => give('looking it over took too long'), INSPECTION_MS);
      const settle = <T>(finish: (value: T) => void) => {
        return (value: T) => {
          clearTimeout(timer);
          finish(value);
        };
      };
      thread.once('message', settle(resolve));
      thread.once(
        'error',
        settle((error: Error) => give(error.message)),
      );
      thread.once(
        'exit',
        settle(() => give('the thread that looks it over has ended')),
      );
    });
  } finally {
    await thread.terminate();
  }
}

/** With the log beside it, where all is until it is copied back. */
function sizeOf(file: string): number {
  const sizes = [file, `${file}-wal`].map((path) => statSync(path, { throwIfNoEntry: false })?.size ?? 0);
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function inspectSqlite(directory: string): Promise<Inspection> {
  const file = join(directory, DATABASE_FILE);
  if (!existsSync(file)) throw new DatabaseUnreachable(directory, 'there is no database yet');
  const found = await inThread(directory, { file });
  if (!('failure' in found)) {
    const { contents, integrity } = found;
    return { where: directory, known: SCHEMA_VERSION, integrity, sizeBytes: sizeOf(file), ...contents };
  }
  const { failure } = found;
  if (failure.code === NO_SUCH_TABLE) throw new DatabaseDamaged(directory, failure.message);
  throw sqliteError(directory, failure);
}

async function inspectPostgres(options: StorageOptions & { kind: 'postgres' }): Promise<Inspection> {
  const { openClient, postgresError, whereOf } = await import('./postgres/connection.ts');
  const where = whereOf(options.url);
  const client = openClient(options, 10_000);
  try {
    await client.connect();
    const ask: Ask = async (sql) => (await client.query(sql)).rows as Record<string, unknown>[];
    const found = await contentsOf(ask);
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
