/** The reader of committed state: records, names and memos come from caches that commits keep true. */
import type { Reader } from '../domain/storage.ts';
import { LoadCache } from './cache.ts';
import type { Changes } from './changes.ts';
import { frozen, groupKey, nameKey, recordKey, storable } from './record.ts';

/** Groups of accounts whose epochs are remembered; past it all memos start anew. */
const EPOCHS_KEPT = 100_000;

export interface CacheSizes {
  readonly recordCacheEntries: number;
  readonly memoCacheEntries: number;
}

export interface CachedReader {
  readonly reader: Reader;
  /** Drops what a commit changed; before anybody is told of the commit. */
  drop(changes: Changes): void;
  clear(): void;
}

/** `usable` is false while other nodes' commits may have been missed. */
export function cachedReader(database: Reader, sizes: CacheSizes, usable: () => boolean): CachedReader {
  const absent = Math.ceil(sizes.recordCacheEntries / 10);
  const records = new LoadCache<unknown>(sizes.recordCacheEntries, absent, usable);
  // Memos of one group and account carry its epoch in their key, so that one step forgets them all.
  const memos = new LoadCache<unknown>(sizes.memoCacheEntries, sizes.memoCacheEntries, usable);
  const epochs = new Map<string, number>();
  let epoch = 0;

  const reader: Reader = {
    ...database,
    get: (collection, place, id) => {
      if (!storable(id)) return Promise.resolve(undefined);
      const load = async () => frozen(await database.get(collection, place, id));
      return records.get(recordKey(collection.kind, place, id), load) as Promise<never>;
    },
    find: (collection, place, index, value) => {
      if (!storable(value)) return Promise.resolve(undefined);
      const load = async () => frozen(await database.find(collection, place, index, value));
      return records.get(nameKey(collection.kind, place, index, value), load) as Promise<never>;
    },
    memo: (group, account, key, load) => {
      const of = groupKey(group, account);
      return memos.get(`${of}\0${epochs.get(of) ?? 0}\0${key}`, () => load(reader)) as Promise<never>;
    },
  };
  return {
    reader,
    drop(changes) {
      for (const key of changes.keys) records.drop(key);
      for (const group of changes.groups) epochs.set(group, ++epoch);
      if (epochs.size > EPOCHS_KEPT) {
        epochs.clear();
        memos.clear();
      }
    },
    clear() {
      records.clear();
      memos.clear();
    },
  };
}
