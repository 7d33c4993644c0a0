/** Opens the storage over either engine: the one entrance to this folder. */
import { randomUUID } from 'node:crypto';
import { DAY_MS, HOUR_MS } from '../core/time.ts';
import { type Storage, StorageBusy, type Transaction } from '../domain/storage.ts';
import { cachedReader } from './cached-reader.ts';
import { type Changes, readChanges, writeChanges } from './changes.ts';
import { Counters } from './counters.ts';
import type { ChangeFeed, Engine } from './engine.ts';
import { lookupEvents } from './events.ts';
import { Journal } from './journal.ts';
import { journalSql } from './journal-sql.ts';
import type { StorageOptions } from './options.ts';
import { recordQueries } from './queries.ts';
import { databaseReader } from './read.ts';
import { openSqlite } from './sqlite/engine.ts';
import { taskQueries } from './task-queries.ts';
import { claimTasks, type Leases, nextTaskDue } from './tasks.ts';
import { openTransaction } from './transaction.ts';

const TRANSACTION_LIMIT_MS = 30_000;
const RECORD_CACHE_ENTRIES = 100_000;
const MEMO_CACHE_ENTRIES = 20_000;

/** Key of the row that pings write; no nonce is written like it. */
const PING = 'ping';

/** Rows forgotten in one go: few enough to hold nobody up. */
const PRUNE_ROWS = 2000;
const FINISHED_TASKS_KEPT_MS = DAY_MS;
/** A node that was cut off for longer drops its caches anyway. */
const CHANGES_KEPT_MS = HOUR_MS;

async function openEngine(options: StorageOptions): Promise<Engine> {
  const now = options.wall().getTime();
  if (options.kind === 'sqlite') {
    const { directory, transactionWaitMs: journalWaitMs, upgrade = true } = options;
    return openSqlite(directory, { now, journalWaitMs, upgrade });
  }
  // Loaded only where it is used: the driver costs start-up time and memory.
  const { openPostgres } = await import('./postgres/engine.ts');
  return openPostgres(options, now);
}

/** Settles as `work` does, or rejects with {@link StorageBusy} after `limitMs`. */
async function within<T>(limitMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new StorageBusy()), limitMs);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Opens the database, making and upgrading its tables as needed. Throws the errors of `errors.ts`, each of which says
 * what to do.
 */
export async function openStorage(options: StorageOptions): Promise<Storage> {
  const engine = await openEngine(options);
  const node = randomUUID();
  const { wall } = options;
  const report = options.report ?? (() => {});
  const records = recordQueries(engine.sql);
  const tasks = taskQueries(engine.sql);
  const eventSql = journalSql(engine.sql).event;
  // One process at a time: whoever held a lease is gone, so its tasks need not wait for the lease to run out.
  if (engine.follow === undefined) await engine.write([tasks.freeAll({})]);
  const leases: Leases = { engine, queries: tasks, wall, owner: node };
  const counters = new Counters(engine);
  const journal = new Journal(engine, wall, (row) => counters.counted(row));
  const listeners = new Set<() => void>();
  const open = new Set<Promise<unknown>>();
  let feed: ChangeFeed | undefined;
  let closing: Promise<void> | undefined;

  const cache = cachedReader(
    databaseReader(records, (statement) => engine.read(statement)),
    {
      recordCacheEntries: options.recordCacheEntries ?? RECORD_CACHE_ENTRIES,
      memoCacheEntries: options.memoCacheEntries ?? MEMO_CACHE_ENTRIES,
    },
    () => feed === undefined || feed.current(),
  );
  const run = (what: string, effects: Iterable<() => void>) => {
    for (const effect of effects) {
      try {
        effect();
      } catch (error) {
        report(what, error);
      }
    }
  };
  const newTasks = () => run('a listener for tasks failed', listeners);

  const transaction = async <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => {
    const session = await engine.begin(options.transactionWaitMs);
    const opened = openTransaction({ session, records, tasks, eventSql, wall });
    let result: T;
    try {
      result = await within(options.transactionLimitMs ?? TRANSACTION_LIMIT_MS, work(opened.tx));
      await opened.finish();
    } catch (error) {
      await opened.finish().catch(() => {});
      await session.rollback().catch((cause: unknown) => report('a roll-back failed', cause));
      throw error;
    }
    const changes: Changes = opened.changes;
    const what = engine.follow === undefined ? undefined : writeChanges(changes);
    try {
      await session.commit(what === undefined ? [] : [tasks.addChange({ node, at: wall().getTime(), what })]);
    } finally {
      // Also when it failed: whether it happened may be unknown.
      cache.drop(changes);
    }
    if (changes.tasks) newTasks();
    run('an effect after a commit failed', opened.effects);
    return result;
  };
  const forget = async (statement: Parameters<Engine['write']>[0][number]) => {
    let gone: number;
    do {
      const [rows] = await engine.write([statement]);
      gone = rows!.length;
    } while (gone === PRUNE_ROWS);
  };

  try {
    feed = await engine.follow?.({
      node,
      changed(what) {
        const change = readChanges(what);
        if ('all' in change) cache.clear();
        else cache.drop(change);
        if (change.tasks) newTasks();
      },
      lost: () => {
        cache.clear();
        newTasks();
      },
      failed: (error) => report('following other nodes failed', error),
    });
  } catch (error) {
    await engine.close();
    throw error;
  }

  const whileOpen = <T>(call: () => Promise<T>): Promise<T> => {
    if (closing !== undefined) return Promise.reject(new Error('the storage is closed'));
    const result = call();
    open.add(result);
    const done = () => open.delete(result);
    result.then(done, done);
    return result;
  };
  return {
    reader: cache.reader,
    transaction: (work) => whileOpen(() => transaction(work)),
    journal: (entry) =>
      closing === undefined ? journal.add(entry) : Promise.reject(new Error('the storage is closed')),
    counter: (name) => counters.get(name),
    lookupEvents: (query) => lookupEvents(engine, query),
    claimTasks: (request) => whileOpen(() => claimTasks(leases, request)),
    nextTaskDue: () => nextTaskDue(leases),
    countsByRegion: async () => {
      const rows = await engine.read(records.inRegions({}));
      return rows.map((row) => ({ region: String(row.region), kind: String(row.kind), count: Number(row.n) }));
    },
    prune: (at) =>
      whileOpen(async () => {
        const now = at.getTime();
        await forget(tasks.forgetNonces({ now, limit: PRUNE_ROWS }));
        await forget(tasks.forgetTasks({ before: now - FINISHED_TASKS_KEPT_MS, limit: PRUNE_ROWS }));
        await forget(tasks.forgetChanges({ before: now - CHANGES_KEPT_MS, limit: PRUNE_ROWS }));
      }),
    onTasks: (listener) => {
      listeners.add(listener);
    },
    ping: async () => {
      const now = wall().getTime();
      await engine.write([tasks.useNonce({ key: PING, until: now, now })]);
    },
    close: () => {
      closing ??= (async () => {
        await Promise.allSettled([...open]);
        await journal.idle();
        await engine.close();
      })();
      return closing;
    },
  };
}
