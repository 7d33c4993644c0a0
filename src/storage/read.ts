/** The reading verbs, straight from the database. */
import type { Collection, ListOptions, Located, Place, Reader } from '../domain/storage.ts';
import type { Row } from './engine.ts';
import { ALL, type RecordQueries } from './queries.ts';
import { decode, storable } from './record.ts';
import type { Statement } from './statement.ts';

/** Runs one statement and gives its rows. */
export type Run = (statement: Statement) => Promise<Row[]>;

function record<T>(collection: Collection<T>, row: Row): T {
  return decode(collection, Number(row.schema), String(row.body));
}

function indexOf<T>(
  collection: Collection<T>,
  options: Pick<ListOptions, 'index' | 'value'>,
): { name: string; value: string } | undefined {
  const { index, value } = options;
  if (index === undefined) return undefined;
  if (value === undefined || collection.indexes === undefined || !Object.hasOwn(collection.indexes, index))
    throw new RangeError(`${collection.kind} has no index ${index}, or no value was given`);
  return { name: index, value };
}

/** A reader without caches over whatever `run` sees. */
export function databaseReader(queries: RecordQueries, run: Run): Reader {
  const reader: Reader = {
    async get<T>(collection: Collection<T>, place: Place, id: string) {
      if (!storable(id)) return undefined;
      const [row] = await run(queries.get({ kind: collection.kind, ...place, id }));
      return row === undefined ? undefined : record(collection, row);
    },
    async find<T>(collection: Collection<T>, place: Place, index: string, value: string) {
      if (collection.unique === undefined || !Object.hasOwn(collection.unique, index))
        throw new RangeError(`${collection.kind} has no unique index ${index}`);
      if (!storable(value)) return undefined;
      const [row] = await run(queries.find({ kind: collection.kind, ...place, name: index, value }));
      return row === undefined ? undefined : record(collection, row);
    },
    async list<T>(collection: Collection<T>, place: Place, options: ListOptions = {}) {
      const by = indexOf(collection, options);
      const page = {
        kind: collection.kind,
        ...place,
        after: options.after?.replaceAll('\0', '').toWellFormed() ?? '',
        limit: options.limit ?? ALL,
        offset: options.offset ?? 0,
      };
      if (by !== undefined && !storable(by.value)) return [];
      const rows = await run(by === undefined ? queries.list(page) : queries.listBy({ ...page, ...by }));
      return rows.map((row) => record(collection, row));
    },
    async count<T>(collection: Collection<T>, place: Place, options: Pick<ListOptions, 'index' | 'value'> = {}) {
      const by = indexOf(collection, options) ?? { name: '', value: '' };
      if (by.name !== '' && !storable(by.value)) return 0;
      const [row] = await run(queries.count({ kind: collection.kind, ...place, ...by }));
      return row === undefined ? 0 : Number(row.n);
    },
    async everywhere<T>(
      collection: Collection<T>,
      account: string | undefined,
      options: Pick<ListOptions, 'index' | 'value'> = {},
    ) {
      const by = indexOf(collection, options);
      const { kind } = collection;
      if (by !== undefined && !storable(by.value)) return [];
      let query: Statement;
      if (account === undefined) query = by ? queries.everywhereBy({ kind, ...by }) : queries.everywhere({ kind });
      else if (by === undefined) query = queries.everywhereOf({ kind, account });
      else query = queries.everywhereOfBy({ kind, account, ...by });
      const rows = await run(query);
      return rows.map(
        (row): Located<T> => ({
          place: { account: String(row.account), region: String(row.region) },
          record: record(collection, row),
        }),
      );
    },
    memo: (_group, _account, _key, load) => load(reader),
  };
  return reader;
}
