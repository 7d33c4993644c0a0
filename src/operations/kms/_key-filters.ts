import { table } from '../../core/table.ts';
import { ALIASES, KEYS, type KeyRecord } from '../../domain/kms/key.ts';
import type { ListOptions, Place, Reader } from '../../domain/storage.ts';
import type { LookupContext } from '../../operation/context.ts';
import { type Filters, filtersOf } from './_filters.ts';
import { storeName } from './_key-store.ts';

type FilterName = (typeof NAMES)[keyof typeof NAMES];

export type KeyFilters = Filters<FilterName>;

/** Names as clients write them: the vendor's page spells one with a small letter, its SDKs with a capital. */
const NAMES = table({
  KeyId: 'KeyId',
  keyId: 'KeyId',
  KeyState: 'KeyState',
  KeySpec: 'KeySpec',
  KeyUsage: 'KeyUsage',
  ProtectionLevel: 'ProtectionLevel',
  CreatorType: 'CreatorType',
  Creator: 'Creator',
  DKMSInstanceId: 'DKMSInstanceId',
  AliasName: 'AliasName',
  TagKey: 'TagKey',
  TagValue: 'TagValue',
} as const);

const SCAN_PAGE = 500;

/** The `Filters` parameter of ListKeys. */
export const keyFilters = () => filtersOf(NAMES);

/** The filters with stores named by their ids; an ARN that names no store here matches nothing. */
export function withStoreIds(ctx: LookupContext, filters: KeyFilters): KeyFilters {
  const stores = filters.get('DKMSInstanceId');
  if (stores === undefined) return filters;
  const ids = stores.map((sent) => storeName(ctx, sent).id).filter((id) => id !== undefined);
  return new Map([...filters, ['DKMSInstanceId', ids]]);
}

function passes(key: KeyRecord, filters: KeyFilters): boolean {
  const has = (name: FilterName, value: string): boolean => filters.get(name)?.includes(value) ?? true;
  const tagKeys = filters.get('TagKey');
  const tagValues = filters.get('TagValue');
  return (
    has('KeyId', key.keyId) &&
    has('KeyState', key.state) &&
    has('KeySpec', key.keySpec) &&
    has('KeyUsage', key.keyUsage) &&
    has('ProtectionLevel', key.protectionLevel) &&
    has('CreatorType', 'User') &&
    has('Creator', key.creator) &&
    has('DKMSInstanceId', key.keyStoreId ?? '') &&
    ((tagKeys === undefined && tagValues === undefined) ||
      key.tags.some((tag) => (tagKeys?.includes(tag.key) ?? true) && (tagValues?.includes(tag.value) ?? true)))
  );
}

/** Keys in the order of their ids, page by page. */
async function* walk(read: Reader, place: Place, options: Pick<ListOptions, 'index' | 'value'>) {
  let after = '';
  for (;;) {
    const page = await read.list(KEYS, place, { ...options, ...(after === '' ? {} : { after }), limit: SCAN_PAGE });
    yield* page;
    if (page.length < SCAN_PAGE) return;
    after = page.at(-1)!.keyId;
  }
}

/** Several walks as one, in the order of ids; no key is in two of them. */
async function* merged(walks: readonly AsyncGenerator<KeyRecord>[]) {
  const heads = await Promise.all(walks.map(async (from) => ({ from, head: await from.next() })));
  for (;;) {
    const waiting = heads.filter(({ head }) => head.done !== true);
    if (waiting.length === 0) return;
    const next = waiting.reduce((a, b) => (idOf(b) < idOf(a) ? b : a));
    yield next.head.value as KeyRecord;
    next.head = await next.from.next();
  }

  function idOf({ head }: (typeof heads)[number]): string {
    return (head.value as KeyRecord).keyId;
  }
}

async function* named(read: Reader, place: Place, ids: Iterable<string>) {
  for (const id of [...new Set(ids)].sort()) {
    const key = await read.get(KEYS, place, id);
    if (key !== undefined) yield key;
  }
}

async function ofAliases(read: Reader, place: Place, names: readonly string[]): Promise<Set<string>> {
  const ids = new Set<string>();
  for (const name of names) {
    const alias = await read.get(ALIASES, place, name);
    if (alias !== undefined) ids.add(alias.keyId);
  }
  return ids;
}

/** Filters whose values are looked up; the first that is given narrows the walk. */
const INDEXED = [
  ['DKMSInstanceId', 'keyStore'],
  ['KeyState', 'state'],
] as const;

async function candidates(read: Reader, place: Place, filters: KeyFilters): Promise<AsyncGenerator<KeyRecord>> {
  const aliases = filters.get('AliasName');
  const ids = aliases === undefined ? filters.get('KeyId') : await ofAliases(read, place, aliases);
  if (ids !== undefined) return named(read, place, ids);
  for (const [filter, index] of INDEXED) {
    const values = filters.get(filter);
    if (values !== undefined) return merged([...new Set(values)].map((value) => walk(read, place, { index, value })));
  }
  return walk(read, place, {});
}

/** A part of a list, and how long the whole is. */
export interface KeyWindow {
  readonly keys: readonly KeyRecord[];
  readonly total: number;
}

/** The one index value that says all the filters say. */
function soleIndex(filters: KeyFilters): Required<Pick<ListOptions, 'index' | 'value'>> | undefined {
  if (filters.size !== 1) return undefined;
  for (const [filter, index] of INDEXED) {
    const values = filters.get(filter);
    if (values?.length === 1) return { index, value: values[0]! };
  }
  return undefined;
}

/**
 * The keys that pass, in the order of their ids. One store or one state alone costs no more than the page; other filters
 * go through the keys of the ids, aliases, stores or states given, or through all keys of the region, without keeping
 * more than the page.
 */
export async function filteredKeys(
  read: Reader,
  place: Place,
  filters: KeyFilters,
  { offset, limit }: { readonly offset: number; readonly limit: number },
): Promise<KeyWindow> {
  const sole = soleIndex(filters);
  if (sole !== undefined || filters.size === 0) {
    const total = await read.count(KEYS, place, sole);
    return { keys: await read.list(KEYS, place, { ...sole, offset, limit }), total };
  }
  const keys: KeyRecord[] = [];
  let total = 0;
  for await (const key of await candidates(read, place, filters)) {
    if (!passes(key, filters)) continue;
    if (total >= offset && keys.length < limit) keys.push(key);
    total += 1;
  }
  return { keys, total };
}
