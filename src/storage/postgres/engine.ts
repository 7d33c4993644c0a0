/** PostgreSQL: any number of nodes over one database. */
import type { PoolClient } from 'pg';
import { StorageBusy } from '../../domain/storage.ts';
import type { ChangeListener, Engine, JournalRow, Row, Session } from '../engine.ts';
import { DatabaseUnreachable } from '../errors.ts';
import { migrate } from '../migrate.ts';
import { postgresSql } from '../sql.ts';
import type { Statement } from '../statement.ts';
import { Turns } from '../turns.ts';
import { openPool, type PostgresOptions, postgresError, runAll, whereOf } from './connection.ts';
import { CHANNEL, PostgresFeed } from './feed.ts';
import { acceptedOf, entryStatements, nonceStatement } from './journal.ts';

const TRANSACTIONS_WAITING = 10_000;
const JOURNAL_TRIES = 3;

/** Advisory locks; numbers chosen once, meaning nothing. */
const CHANGE_LOCK = 7_046_029_254;
const MIGRATION_LOCK = 7_046_029_255;

const plain = (sql: string): Statement => ({ sql, parameters: [] });
const BEGIN = plain('begin isolation level read committed');
const COMMIT = plain('commit');
const ROLLBACK = plain('rollback');
const NOTIFY = plain(`notify ${CHANNEL}`);

/** Two nodes' batches met; neither did anything wrong. */
function worthAnotherTry(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === '40P01' || code === '40001';
}

/** Opens the database and brings its schema up to date (`now`: wall clock, milliseconds). */
export async function openPostgres(options: PostgresOptions, now: number): Promise<Engine> {
  const where = whereOf(options.url);
  const pool = openPool(options);
  const turns = new Turns(TRANSACTIONS_WAITING);
  let feed: PostgresFeed | undefined;

  const connect = async (): Promise<PoolClient> => {
    try {
      return await pool.connect();
    } catch (error) {
      throw postgresError(where, error);
    }
  };
  /** Gives the connection back; one whose state is not known is closed, which ends its transaction. */
  const release = (client: PoolClient, sound: boolean) => client.release(!sound);

  const run = async (client: PoolClient, statements: readonly Statement[]): Promise<Row[][]> => {
    try {
      return (await runAll(client, statements)).map((result) => result.rows as Row[]);
    } catch (error) {
      throw worthAnotherTry(error) ? error : postgresError(where, error);
    }
  };
  const commit = async (client: PoolClient, last: readonly Statement[]): Promise<void> => {
    try {
      const results = await runAll(client, [...last, COMMIT]);
      // The server answers a commit of a failed transaction by rolling it back.
      if (results.at(-1)!.command !== 'COMMIT') throw new DatabaseUnreachable(where, 'the transaction had failed');
    } catch (error) {
      throw error instanceof DatabaseUnreachable || worthAnotherTry(error) ? error : postgresError(where, error);
    }
  };
  const rollback = (client: PoolClient): Promise<boolean> =>
    runAll(client, [ROLLBACK]).then(
      () => true,
      () => false,
    );
  /** Runs `work` in a transaction on a connection of its own. */
  const inTransaction = async <T>(work: (client: PoolClient) => Promise<T>): Promise<T> => {
    const client = await connect();
    try {
      const result = await work(client);
      release(client, true);
      return result;
    } catch (error) {
      release(client, await rollback(client));
      throw error;
    }
  };

  const begin = async (waitMs: number): Promise<Session> => {
    const asked = performance.now();
    const done = await turns.take(waitMs);
    let client: PoolClient;
    try {
      client = await connect();
    } catch (error) {
      done();
      throw error;
    }
    const end = (sound: boolean) => {
      release(client, sound);
      done();
    };
    try {
      const leftMs = Math.ceil(waitMs - (performance.now() - asked));
      if (leftMs <= 0) throw new StorageBusy();
      await run(client, [
        BEGIN,
        plain(`set local lock_timeout = ${leftMs}`),
        { sql: 'select pg_advisory_xact_lock($1)', parameters: [CHANGE_LOCK] },
      ]);
    } catch (error) {
      end(await rollback(client));
      throw error;
    }
    return {
      run: (statements) => run(client, statements),
      commit: async (last) => {
        let sound = false;
        try {
          await commit(client, last.length === 0 ? [] : [...last, NOTIFY]);
          sound = true;
        } finally {
          end(sound);
        }
      },
      rollback: async () => end(await rollback(client)),
    };
  };

  const writeBatch = (batch: readonly JournalRow[], at: number): Promise<boolean[]> =>
    inTransaction(async (client) => {
      const nonces = nonceStatement(batch, at);
      if (nonces === undefined) {
        await run(client, [BEGIN]);
        await commit(client, entryStatements(batch));
        return batch.map(() => true);
      }
      const [, fresh] = await run(client, [BEGIN, nonces]);
      const accepted = acceptedOf(batch, new Set(fresh!.map((row) => String(row.key))));
      await commit(client, entryStatements(batch.filter((_, index) => accepted[index])));
      return accepted;
    });

  const read = async ({ sql, parameters }: Statement): Promise<Row[]> => {
    try {
      return (await pool.query({ text: sql, values: parameters as unknown[] })).rows as Row[];
    } catch (error) {
      throw postgresError(where, error);
    }
  };

  const engine: Engine = {
    sql: postgresSql(),
    where,
    read,
    readLong: read,
    write: (statements) =>
      inTransaction(async (client) => {
        const rows = await run(client, [BEGIN, ...statements]);
        await commit(client, []);
        return rows.slice(1);
      }),
    begin,
    async journal(batch, at) {
      for (let tries = 1; ; tries++) {
        try {
          return await writeBatch(batch, at);
        } catch (error) {
          if (!worthAnotherTry(error) || tries === JOURNAL_TRIES) throw error;
        }
      }
    },
    async follow(listener: ChangeListener) {
      feed = new PostgresFeed(options, listener);
      await feed.start();
      return feed;
    },
    async close() {
      await feed?.close();
      await pool.end();
    },
  };
  try {
    await inTransaction(async (client) => {
      await run(client, [
        BEGIN,
        plain('set local statement_timeout = 0'),
        { sql: 'select pg_advisory_xact_lock($1)', parameters: [MIGRATION_LOCK] },
      ]);
      await migrate({ sql: engine.sql, where, now, upgrade: options.upgrade ?? true }, (statements) =>
        run(client, statements),
      );
      await commit(client, []);
    });
    return engine;
  } catch (error) {
    await engine.close();
    throw error;
  }
}
