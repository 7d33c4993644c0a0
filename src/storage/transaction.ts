/** The state-changing transaction: its verbs over one session, and what it changed for the caches. */
import { randomUUID } from 'node:crypto';
import type { AuditEvent } from '../domain/audit.ts';
import { type Collection, DuplicateRecord, type Nonce, type Place, type Transaction } from '../domain/storage.ts';
import type { TaskRequest } from '../domain/tasks.ts';
import type { Changes } from './changes.ts';
import type { Row, Session } from './engine.ts';
import { eventRow } from './event-row.ts';
import type { RecordQueries } from './queries.ts';
import { databaseReader, type Run } from './read.ts';
import { type Entry, groupKey, idOf, indexesOf, nameKey, namesOf, recordKey, storable } from './record.ts';
import type { Statement } from './statement.ts';
import type { TaskQueries } from './task-queries.ts';

export interface TransactionParts {
  readonly session: Session;
  readonly records: RecordQueries;
  readonly tasks: TaskQueries;
  /** Inserts one event row. */
  readonly eventSql: string;
  readonly wall: () => Date;
}

export interface OpenTransaction {
  readonly tx: Transaction;
  readonly changes: Changes;
  /** Waits for verbs under way, refuses later ones, and throws what made an earlier verb fail. */
  finish(): Promise<void>;
  readonly effects: readonly (() => void)[];
}

const SESSIONS = new WeakMap<Transaction, Run>();

/** Runs a statement inside the transaction, for parts of the storage that are no verbs of their own. */
export function sessionOf(tx: Transaction): Run {
  const run = SESSIONS.get(tx);
  if (run === undefined) throw new Error('not a transaction of this storage');
  return run;
}

const TOTAL: Entry = { name: '', value: '' };

function missing(from: readonly Entry[], than: readonly Entry[]): Entry[] {
  return from.filter((one) => !than.some((other) => other.name === one.name && other.value === one.value));
}

function entries(rows: readonly Row[]): Entry[] {
  return rows.map((row) => ({ name: String(row.name), value: String(row.value) }));
}

export function openTransaction({ session, records, tasks, eventSql, wall }: TransactionParts): OpenTransaction {
  const keys = new Set<string>();
  const groups = new Set<string>();
  const effects: (() => void)[] = [];
  let enqueued = false;
  let closed = false;
  let failure: { readonly error: unknown } | undefined;
  let last: Promise<unknown> = Promise.resolve();

  const send = async (statements: readonly Statement[]): Promise<Row[][]> => {
    if (failure !== undefined) throw failure.error;
    try {
      return await session.run(statements);
    } catch (error) {
      // The engine may have undone part of the work: nothing but a rollback may follow.
      failure ??= { error };
      throw error;
    }
  };
  /** Verbs run one after the other, also when the caller does not wait, so that none sees another half done. */
  const inTurn = <R>(verb: () => Promise<R>): Promise<R> => {
    if (closed) return Promise.reject(new Error('the transaction has ended'));
    const mine = last.then(verb, verb);
    last = mine.catch(() => {});
    return mine;
  };
  const run: Run = (query) => inTurn(async () => (await send([query]))[0]!);

  const touched = <T>(collection: Collection<T>, place: Place, id: string, names: readonly Entry[]) => {
    keys.add(recordKey(collection.kind, place, id));
    for (const { name, value } of names) keys.add(nameKey(collection.kind, place, name, value));
    groups.add(groupKey(collection.group, place.account));
  };
  const refuseTaken = (kind: string, id: string, holders: readonly Row[][]) => {
    const taken = holders.flat().find((row) => row.id !== id);
    if (taken !== undefined) throw new DuplicateRecord(kind, String(taken.name));
  };
  /** Statements that turn a record's entries into others. */
  const entryChanges = (
    key: { kind: string; account: string; region: string; id: string },
    names: { readonly gone: readonly Entry[]; readonly added: readonly Entry[] },
    indexes: { readonly gone: readonly Entry[]; readonly added: readonly Entry[] },
  ): Statement[] => [
    ...names.gone.map((entry) => records.removeName({ ...key, ...entry })),
    ...names.added.map((entry) => records.addName({ ...key, ...entry })),
    ...indexes.gone.flatMap((entry) => [
      records.removeIndex({ ...key, ...entry }),
      records.countDown({ ...key, ...entry }),
      records.forgetCount({ ...key, ...entry }),
    ]),
    ...indexes.added.flatMap((entry) => [
      records.addIndex({ ...key, ...entry }),
      records.countUp({ ...key, ...entry }),
    ]),
  ];

  const insert = async <T>(collection: Collection<T>, place: Place, record: T): Promise<void> => {
    const { kind, schema } = collection;
    const key = { kind, ...place, id: idOf(collection, record) };
    const names = namesOf(collection, record);
    const indexes = indexesOf(collection, record);
    const body = JSON.stringify(record);
    const [present, ...holders] = await send([
      records.exists(key),
      ...names.map((entry) => records.nameHolder({ ...key, ...entry })),
    ]);
    if (present!.length > 0) throw new DuplicateRecord(kind, 'id');
    refuseTaken(kind, key.id, holders);
    await send([
      records.insert({ ...key, schema, body }),
      ...entryChanges(key, { gone: [], added: names }, { gone: [], added: indexes }),
      records.countUp({ ...key, ...TOTAL }),
    ]);
    touched(collection, place, key.id, names);
  };

  const update = async <T>(collection: Collection<T>, place: Place, record: T): Promise<void> => {
    const { kind, schema } = collection;
    const key = { kind, ...place, id: idOf(collection, record) };
    const names = namesOf(collection, record);
    const indexes = indexesOf(collection, record);
    const body = JSON.stringify(record);
    const [present, nameRows, indexRows, ...holders] = await send([
      records.exists(key),
      records.namesOf(key),
      records.indexesOf(key),
      ...names.map((entry) => records.nameHolder({ ...key, ...entry })),
    ]);
    if (present!.length === 0) throw new Error(`${kind}: no record ${key.id} to update`);
    refuseTaken(kind, key.id, holders);
    const oldNames = entries(nameRows!);
    const oldIndexes = entries(indexRows!);
    await send([
      records.update({ ...key, schema, body }),
      ...entryChanges(
        key,
        { gone: missing(oldNames, names), added: missing(names, oldNames) },
        { gone: missing(oldIndexes, indexes), added: missing(indexes, oldIndexes) },
      ),
    ]);
    touched(collection, place, key.id, [...oldNames, ...names]);
  };

  const remove = async <T>(collection: Collection<T>, place: Place, id: string): Promise<boolean> => {
    if (!storable(id)) return false;
    const key = { kind: collection.kind, ...place, id };
    const [present, nameRows, indexRows] = await send([
      records.exists(key),
      records.namesOf(key),
      records.indexesOf(key),
    ]);
    if (present!.length === 0) return false;
    const names = entries(nameRows!);
    await send([
      records.remove(key),
      ...entryChanges(key, { gone: names, added: [] }, { gone: entries(indexRows!), added: [] }),
      records.countDown({ ...key, ...TOTAL }),
      records.forgetCount({ ...key, ...TOTAL }),
    ]);
    touched(collection, place, id, names);
    return true;
  };

  const enqueue = async (task: TaskRequest): Promise<string> => {
    if (task.key !== undefined) {
      const [rows] = await send([tasks.withKey({ key: task.key })]);
      if (rows!.length > 0) return String(rows![0]!.id);
    }
    const id = randomUUID();
    const due = task.due?.getTime() ?? 0;
    const payload = JSON.stringify(task.payload ?? null);
    await send([tasks.add({ id, type: task.type, ...task.place, payload, due, key: task.key ?? null })]);
    enqueued = true;
    return id;
  };

  const tx: Transaction = {
    ...databaseReader(records, run),
    insert: (collection, place, record) => inTurn(() => insert(collection, place, record)),
    update: (collection, place, record) => inTurn(() => update(collection, place, record)),
    remove: (collection, place, id) => inTurn(() => remove(collection, place, id)),
    audit: async (event: AuditEvent) => {
      await run({ sql: eventSql, parameters: eventRow(event) });
    },
    enqueue: (task) => inTurn(() => enqueue(task)),
    useNonce: async (nonce: Nonce) => {
      const now = wall().getTime();
      return (await run(tasks.useNonce({ key: nonce.key, until: nonce.until.getTime(), now }))).length > 0;
    },
    removeCounter: async (name) => {
      await run(tasks.removeCounter({ name }));
    },
    afterCommit: (effect) => {
      effects.push(effect);
    },
  };
  SESSIONS.set(tx, run);
  return {
    tx,
    effects,
    changes: {
      keys,
      groups,
      get tasks() {
        return enqueued;
      },
    },
    async finish() {
      closed = true;
      await last;
      if (failure !== undefined) throw failure.error;
    },
  };
}
