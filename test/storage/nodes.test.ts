/** Several nodes over one PostgreSQL database. */
import { Client } from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import type { Storage } from '../../src/domain/storage.ts';
import { openStorage } from '../../src/storage/open.ts';
import type { StorageOptions } from '../../src/storage/options.ts';
import { eventually } from '../support/eventually.ts';
import { createDatabase, type TestDatabase } from '../support/postgres.ts';
import { event, HERE, THING } from './fixtures.ts';

const START = new Date('2026-03-01T08:00:00Z');

describe('nodes over one database', () => {
  const nodes: Storage[] = [];
  let database: TestDatabase | undefined;
  const reports: string[] = [];
  const clients: Client[] = [];
  const node = async (changes: Partial<StorageOptions> = {}): Promise<Storage> => {
    database ??= await createDatabase();
    const storage = await openStorage({
      kind: 'postgres',
      url: database.url,
      wall: () => START,
      nodeId: `node${nodes.length}`,
      transactionWaitMs: 10_000,
      report: (what: string) => reports.push(what),
      ...changes,
    } as StorageOptions);
    nodes.push(storage);
    return storage;
  };
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((one) => one.end()));
    await Promise.all(nodes.splice(0).map((one) => one.close()));
    await database?.drop();
    database = undefined;
    reports.length = 0;
  });
  /** A connection past the storage, closed after the test. */
  const client = async (): Promise<Client> => {
    const opened = new Client({ connectionString: database!.url });
    opened.on('error', () => {});
    await opened.connect();
    clients.push(opened);
    return opened;
  };

  it('hear of each other’s commits: records, names and memos', async () => {
    const [a, b] = [await node(), await node()];
    await a.transaction((tx) => tx.insert(THING, HERE, { id: 'x', name: 'n', size: 1 }));
    const count = () => b.reader.memo('test', HERE.account, 'n', (reader) => reader.count(THING, HERE));
    await eventually(async () => expect(await b.reader.get(THING, HERE, 'x')).toBeDefined());
    expect(await b.reader.find(THING, HERE, 'name', 'n')).toBeDefined();
    expect(await b.reader.get(THING, HERE, 'y')).toBeUndefined();
    expect(await count()).toBe(1);
    const kept = await b.reader.get(THING, HERE, 'x');
    expect(await b.reader.get(THING, HERE, 'x')).toBe(kept);
    await a.transaction(async (tx) => {
      await tx.update(THING, HERE, { id: 'x', name: 'm', size: 2 });
      await tx.insert(THING, HERE, { id: 'y' });
    });
    await eventually(async () => {
      expect(await b.reader.get(THING, HERE, 'x')).toMatchObject({ size: 2 });
      expect(await b.reader.get(THING, HERE, 'y')).toBeDefined();
      expect(await b.reader.find(THING, HERE, 'name', 'n')).toBeUndefined();
      expect(await b.reader.find(THING, HERE, 'name', 'm')).toBeDefined();
      expect(await count()).toBe(2);
    });
  });

  it('change state one at a time over the whole deployment', async () => {
    const all = [await node(), await node(), await node()];
    await all[0]!.transaction((tx) => tx.insert(THING, HERE, { id: 'n', size: 0 }));
    await Promise.all(
      Array.from({ length: 30 }, (_, at) =>
        all[at % 3]!.transaction(async (tx) => {
          const { size } = (await tx.get(THING, HERE, 'n'))!;
          await tx.update(THING, HERE, { id: 'n', size: size! + 1 });
        }),
      ),
    );
    expect(await all[1]!.transaction((tx) => tx.get(THING, HERE, 'n'))).toEqual({ id: 'n', size: 30 });
  });

  it('wait for each other’s transactions only so long', async () => {
    const [a, b] = [await node(), await node({ transactionWaitMs: 100 })];
    await a.transaction(async () => {
      await expect(b.transaction(async () => {})).rejects.toMatchObject({ name: 'StorageBusy' });
    });
    await b.transaction(async () => {});
  });

  it('accept each nonce once among them, and count exactly, whatever meets', async () => {
    const all = [await node(), await node()];
    const keys = Array.from({ length: 200 }, (_, at) => `k${at}`);
    const until = new Date(START.getTime() + 900_000);
    const accepted = await Promise.all(
      [...keys, ...keys.toReversed(), ...keys].flatMap((key) =>
        all.map((one) =>
          one.journal({ event: event(), nonce: { key, until }, counts: [{ counter: `c${key.at(-1)}`, by: 1 }] }),
        ),
      ),
    );
    expect(accepted.filter(Boolean)).toHaveLength(keys.length);
    await Promise.all(all.splice(0).map((one) => one.close()));
    const fresh = await node();
    for (let digit = 0; digit < 10; digit++) expect(await fresh.counter(`c${digit}`)).toBe(20);
  });

  it('see each other’s counts', async () => {
    const [a, b] = [await node(), await node()];
    expect(await b.counter('c')).toBe(0);
    await a.journal({ event: event(), counts: [{ counter: 'c', by: 5 }] });
    await eventually(async () => expect(await b.counter('c')).toBe(5));
  });

  it('share tasks: each is claimed once, and all are told of new ones', async () => {
    const all = [await node(), await node(), await node()];
    const told = [0, 0, 0];
    for (const [at, one] of all.entries()) one.onTasks(() => told[at]!++);
    await all[0]!.transaction(async (tx) => {
      for (let n = 0; n < 60; n++) await tx.enqueue({ type: 't', place: HERE, payload: n });
    });
    await eventually(() => expect(told.every((times) => times > 0)).toBe(true));
    const claims = await Promise.all(
      Array.from({ length: 12 }, (_, at) =>
        all[at % 3]!.claimTasks({ now: START, wall: START, leaseMs: 60_000, limit: 7 }),
      ),
    );
    const ids = claims.flat().map((task) => task.id);
    expect(new Set(ids).size).toBe(ids.length);
    const rest = await all[0]!.claimTasks({ now: START, wall: START, leaseMs: 60_000, limit: 100 });
    expect(ids.length + rest.length).toBe(60);
    // A task claimed by one node is finished in a transaction of that node.
    const mine = claims[1]![0]!;
    expect(await all[1]!.transaction((tx) => mine.finish(tx))).toBe(true);
  });

  it('trust no cache while the connection that follows the others is away, and recover', async () => {
    const [a, b] = [await node(), await node()];
    await a.transaction((tx) => tx.insert(THING, HERE, { id: 'x', size: 1 }));
    await eventually(async () => expect(await b.reader.get(THING, HERE, 'x')).toBeDefined());
    const [admin, direct] = await Promise.all([client(), client()]);
    // Keeps the followers from reading the change log, as a server in trouble would.
    await admin.query('begin; lock table change in access exclusive mode');
    const look = () => b.reader.get(THING, HERE, 'x');
    const kept = async () => {
      const first = await look();
      return first === (await look());
    };
    await eventually(async () => expect(await kept()).toBe(false));
    await direct.query(`update record set body = '{"id":"x","size":2}'`);
    expect(await look()).toMatchObject({ size: 2 });
    await eventually(() => expect(reports).toContain('following other nodes failed'));
    await admin.query('rollback');
    await eventually(async () => expect(await kept()).toBe(true));
  });

  it('outlive the loss of every connection', async () => {
    const [a, b] = [await node(), await node()];
    await a.transaction((tx) => tx.insert(THING, HERE, { id: 'x', size: 1 }));
    const inFlight = a
      .transaction(async (tx) => {
        await tx.update(THING, HERE, { id: 'x', size: 99 });
        await database!.query(
          'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()',
        );
        await tx.update(THING, HERE, { id: 'x', size: 100 });
      })
      .catch((error: Error) => error);
    expect(await inFlight).toMatchObject({ name: 'DatabaseUnreachable' });
    await eventually(() => b.ping());
    await eventually(() => a.transaction((tx) => tx.update(THING, HERE, { id: 'x', size: 2 })));
    await eventually(async () => expect(await b.reader.get(THING, HERE, 'x')).toMatchObject({ size: 2 }));
    await eventually(() => b.journal({ event: event() }));
  });
});
