import { lookup, table } from '../../core/table.ts';
import { ALIASES, KEYS, type KeyRecord } from '../../domain/kms/key.ts';
import type { ListOptions, Place, Reader } from '../../domain/storage.ts';
import { json } from '../../schema/fields.ts';
import { FieldRejected } from '../../schema/rejected.ts';

/** Filters of ListKeys: a key passes when every named property has one of the values given for it. */
export type KeyFilters = ReadonlyMap<FilterName, readonly string[]>;

type FilterName = (typeof NAMES)[keyof typeof NAMES];

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

const MOST = 10;
const SCAN_PAGE = 500;

function parseFilters(value: unknown, name: string): KeyFilters {
  const refuse = (why: string) => new FieldRejected(name, 'value', `${name} ${why}`);
  if (!Array.isArray(value) || value.length > MOST) throw refuse(`must be a JSON array of at most ${MOST} filters`);
  const filters = new Map<FilterName, readonly string[]>();
  for (const item of value as readonly unknown[]) {
    if (typeof item !== 'object' || item === null) throw refuse('must hold objects');
    const { Key, Values = [] } = item as { Key?: unknown; Values?: unknown };
    const known = typeof Key === 'string' ? lookup(NAMES, Key) : undefined;
    if (known === undefined) throw refuse('names a filter that does not exist');
    if (!Array.isArray(Values) || Values.length > MOST || !Values.every((text) => typeof text === 'string')) {
      throw refuse(`must give at most ${MOST} texts as Values`);
    }
    if (Values.length === 0) continue;
    const earlier = filters.get(known);
    filters.set(known, earlier === undefined ? Values : earlier.filter((text) => Values.includes(text)));
  }
  return filters;
}

/** The `Filters` parameter of ListKeys. */
export function keyFilters() {
  return json(
    {
      doc: 'JSON array of `{"Key":…,"Values":[…]}`: values of one filter are alternatives, filters must all pass. Keys: KeyId, KeyState, KeySpec, KeyUsage, ProtectionLevel, CreatorType, Creator, DKMSInstanceId, AliasName, TagKey, TagValue. A filter without values is none.',
      limits: `at most ${MOST} filters of at most ${MOST} values`,
    },
    parseFilters,
  );
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

async function* walk(read: Reader, place: Place, options: Pick<ListOptions, 'index' | 'value'>) {
  let after = '';
  for (;;) {
    const page = await read.list(KEYS, place, { ...options, ...(after === '' ? {} : { after }), limit: SCAN_PAGE });
    yield* page;
    if (page.length < SCAN_PAGE) return;
    after = page.at(-1)!.keyId;
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

async function* candidates(read: Reader, place: Place, filters: KeyFilters): AsyncIterable<KeyRecord> {
  const aliases = filters.get('AliasName');
  const ids = aliases === undefined ? filters.get('KeyId') : await ofAliases(read, place, aliases);
  if (ids !== undefined) {
    for (const id of new Set(ids)) {
      const key = await read.get(KEYS, place, id);
      if (key !== undefined) yield key;
    }
    return;
  }
  const [index, values] = filters.has('DKMSInstanceId')
    ? ['keyStore', filters.get('DKMSInstanceId')!]
    : ['state', filters.get('KeyState') ?? []];
  if (values.length === 0) yield* walk(read, place, {});
  else for (const value of new Set(values)) yield* walk(read, place, { index, value });
}

/**
 * All keys that pass, ordered by id. Ids, aliases, stores and states are looked up; other filters go through all keys
 * of the region.
 */
export async function filteredKeys(read: Reader, place: Place, filters: KeyFilters): Promise<readonly KeyRecord[]> {
  const found: KeyRecord[] = [];
  for await (const key of candidates(read, place, filters)) if (passes(key, filters)) found.push(key);
  return found.sort((a, b) => (a.keyId < b.keyId ? -1 : 1));
}
