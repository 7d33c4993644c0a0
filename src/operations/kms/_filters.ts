import { lookup } from '../../core/table.ts';
import { json } from '../../schema/fields.ts';
import { FieldRejected } from '../../schema/rejected.ts';

/** What a list is narrowed by: an item passes when every property named has one of the values given for it. */
export type Filters<Name extends string> = ReadonlyMap<Name, readonly string[]>;

const MOST = 10;

function parse<Name extends string>(
  names: Readonly<Record<string, Name>>,
  value: unknown,
  name: string,
): Filters<Name> {
  const refuse = (why: string) => new FieldRejected(name, 'value', `${name} ${why}`);
  if (!Array.isArray(value) || value.length > MOST) throw refuse(`must be a JSON array of at most ${MOST} filters`);
  const filters = new Map<Name, readonly string[]>();
  for (const item of value as readonly unknown[]) {
    if (typeof item !== 'object' || item === null) throw refuse('must hold objects');
    const { Key, Values = [] } = item as { Key?: unknown; Values?: unknown };
    const known = typeof Key === 'string' ? lookup(names, Key) : undefined;
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

/** A `Filters` parameter. `names` are the keys as clients may write them, with the property each means. */
export function filtersOf<Name extends string>(names: Readonly<Record<string, Name>>) {
  const keys = [...new Set(Object.values(names))].join(', ');
  return json(
    {
      doc: `JSON array of \`{"Key":…,"Values":[…]}\`: values of one filter are alternatives, filters must all pass. Keys: ${keys}. A filter without values is none.`,
      limits: `at most ${MOST} filters of at most ${MOST} values`,
    },
    (value, name) => parse(names, value, name),
  );
}
