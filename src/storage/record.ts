/** Records as rows: their keys, names and index values; reading bodies of older forms. */
import type { Collection, Place } from '../domain/storage.ts';
import { DatabaseNewer } from './errors.ts';

/** Longest id, name or index value, in characters; what PostgreSQL's indexes hold with room to spare. */
const KEY_LENGTH = 512;

/** An index value of a record. */
export interface Entry {
  readonly name: string;
  readonly value: string;
}

/** False for texts no record can have been stored under: neither engine would take them. */
export function storable(text: string): boolean {
  return text.length > 0 && text.length <= KEY_LENGTH && text.isWellFormed() && !text.includes('\0');
}

function checked(kind: string, what: string, text: string): string {
  if (!storable(text)) throw new RangeError(`${kind}: ${what} must be 1 to ${KEY_LENGTH} well-formed characters`);
  return text;
}

export function idOf<T>(collection: Collection<T>, record: T): string {
  return checked(collection.kind, 'id', collection.id(record));
}

/** The record's values of unique indexes. */
export function namesOf<T>(collection: Collection<T>, record: T): Entry[] {
  const entries: Entry[] = [];
  for (const [name, read] of Object.entries(collection.unique ?? {})) {
    const value = read(record);
    if (value !== undefined) entries.push({ name, value: checked(collection.kind, name, value) });
  }
  return entries;
}

/** The record's values of look-up indexes, each once. */
export function indexesOf<T>(collection: Collection<T>, record: T): Entry[] {
  const entries: Entry[] = [];
  for (const [name, read] of Object.entries(collection.indexes ?? {})) {
    const values = read(record) ?? [];
    for (const value of new Set(typeof values === 'string' ? [values] : values))
      entries.push({ name, value: checked(collection.kind, name, value) });
  }
  return entries;
}

/** The record in a stored body, in today's form. */
export function decode<T>(collection: Collection<T>, schema: number, body: string): T {
  if (schema > collection.schema) throw new DatabaseNewer(`a record of ${collection.kind}`, schema, collection.schema);
  const value = JSON.parse(body) as unknown;
  if (schema === collection.schema) return value as T;
  if (collection.upgrade === undefined) throw new Error(`${collection.kind}: no upgrade from version ${schema}`);
  return collection.upgrade(value, schema);
}

/** Makes a value that many will share unchangeable, all the way down. */
export function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const member of Object.values(value)) frozen(member);
  return value;
}

/** Names a record in the caches. */
export function recordKey(kind: string, place: Place, id: string): string {
  return `r\0${kind}\0${place.account}\0${place.region}\0${id}`;
}

/** Names a unique index value in the caches; never equal to a {@link recordKey}. */
export function nameKey(kind: string, place: Place, index: string, value: string): string {
  return `n\0${kind}\0${place.account}\0${place.region}\0${index}\0${value}`;
}

/** Names the records that change together. */
export function groupKey(group: string, account: string): string {
  return `${group}\0${account}`;
}
