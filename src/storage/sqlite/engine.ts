/** SQLite in a directory of its own. */
import { closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine, Row, Session } from '../engine.ts';
import { DatabaseDamaged, DatabaseUnreachable } from '../errors.ts';
import { journalSql } from '../journal-sql.ts';
import { migrate } from '../migrate.ts';
import { sqliteSql } from '../sql.ts';
import type { Statement } from '../statement.ts';
import { Turns } from '../turns.ts';
import { SqliteClient } from './client.ts';

export const DATABASE_FILE = 'coffer.db';
const LOCK_FILE = 'coffer.lock';

const TRANSACTIONS_WAITING = 10_000;
const BEGIN: Statement = { sql: 'begin immediate', parameters: [] };

/** A file this small is checked in full at every start; a bigger one by `coffer doctor`, so that starting stays fast. */
const CHECKED_AT_START_BYTES = 32 * 1024 * 1024;

/**
 * Makes the files before SQLite does, readable by this user only.
 *
 * INVARIANT: a file that exists is not opened here: closing it would drop the locks this process holds on it.
 */
function prepareFiles(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    for (const name of [DATABASE_FILE, LOCK_FILE]) {
      const file = join(directory, name);
      if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600));
    }
  } catch (error) {
    throw new DatabaseUnreachable(directory, (error as Error).message, error);
  }
}

async function refuseStrange(client: SqliteClient, directory: string): Promise<void> {
  const one = async (sql: string) => (await client.run('reader', [{ sql, parameters: [] }]))[0]!;
  const tables = await one("select name from sqlite_master where type = 'table'");
  if (tables.length > 0 && !tables.some((row) => row.name === 'migration'))
    throw new DatabaseDamaged(directory, 'its tables are not Coffer’s');
  if (statSync(join(directory, DATABASE_FILE)).size > CHECKED_AT_START_BYTES) return;
  const [check] = await one('pragma quick_check(1)');
  const said = String(check?.quick_check ?? 'no answer');
  if (said !== 'ok') throw new DatabaseDamaged(directory, said);
}

/** What opening needs besides the directory. Times in milliseconds. */
export interface SqliteOpening {
  /** Wall clock. */
  readonly now: number;
  readonly journalWaitMs: number;
  /** Whether an earlier version's tables may be brought up to date. */
  readonly upgrade: boolean;
}

/**
 * Opens the database in `directory`, makes what is missing, and brings its schema up to date. A process that dies at any
 * instant leaves each transaction whole or undone.
 */
export async function openSqlite(directory: string, { now, journalWaitMs, upgrade }: SqliteOpening): Promise<Engine> {
  const sql = sqliteSql();
  prepareFiles(directory);
  const data = { file: join(directory, DATABASE_FILE), lockFile: join(directory, LOCK_FILE) };
  let copying: Promise<void> | undefined;
  const copyLog = () => {
    copying ??= (async () => {
      try {
        await (await aside()).checkpoint();
        await client.checkpoint();
      } catch {
        // The writer copies it at last, and its failure is some call's.
      } finally {
        copying = undefined;
      }
    })();
  };
  const client = await SqliteClient.open(directory, './worker.ts', data, copyLog);
  // Started when first needed, and again after a look-up that took too long.
  let second: Promise<SqliteClient> | undefined;
  let closed = false;
  const aside = async (): Promise<SqliteClient> => {
    if (closed) throw new DatabaseUnreachable(directory, 'it was closed');
    second ??= SqliteClient.open(directory, './aside.ts', data);
    const mine = second;
    const started = await mine.catch(() => undefined);
    if (started?.alive) return started;
    if (second === mine) second = undefined;
    return started === undefined ? mine : aside();
  };
  const close = async () => {
    closed = true;
    await copying;
    const started = await second?.catch(() => undefined);
    await started?.close();
    await client.close();
  };
  const turns = new Turns(TRANSACTIONS_WAITING);
  const journal = journalSql(sql);

  const begin = async (waitMs: number): Promise<Session> => {
    const done = await turns.take(waitMs);
    let begun = false;
    const opening = () => {
      if (begun) return [];
      begun = true;
      return [BEGIN];
    };
    return {
      run: async (statements) => {
        const first = opening();
        return (await client.run('writer', [...first, ...statements])).slice(first.length);
      },
      commit: async (last) => {
        try {
          await client.commit([...opening(), ...last]);
        } catch (error) {
          await client.rollback().catch(() => {});
          throw error;
        } finally {
          done();
        }
      },
      rollback: async () => {
        try {
          if (begun) await client.rollback();
        } finally {
          done();
        }
      },
    };
  };

  const write = async (statements: readonly Statement[]): Promise<Row[][]> => {
    const session = await begin(journalWaitMs);
    let rows: Row[][];
    try {
      rows = await session.run(statements);
    } catch (error) {
      await session.rollback();
      throw error;
    }
    await session.commit([]);
    return rows;
  };

  const engine: Engine = {
    sql,
    where: directory,
    read: async (statement) => (await client.run('reader', [statement]))[0]!,
    readLong: async (statement) => (await (await aside()).run('reader', [statement]))[0]!,
    write,
    begin,
    journal: async (batch, at) => {
      // Before all waiting transactions, else a queue of them would hold back every reading call.
      const done = await turns.take(journalWaitMs, true);
      try {
        return await client.journal(journal, batch, at);
      } finally {
        done();
      }
    },
    close,
  };
  try {
    await refuseStrange(client, directory);
    const session = await begin(journalWaitMs);
    try {
      await migrate({ sql, where: directory, now, upgrade }, (statements) => session.run(statements));
    } catch (error) {
      await session.rollback();
      throw error;
    }
    await session.commit([]);
    return engine;
  } catch (error) {
    await close();
    throw error;
  }
}
