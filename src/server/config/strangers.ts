import type { Outline } from './outline.ts';
import { suggestion } from './suggest.ts';

function unknown(key: string, place: string, known: readonly string[]): string {
  const near = suggestion(key, known);
  return `unknown key "${place}"${near === undefined ? `; known here: ${known.join(', ')}` : `; did you mean "${near}"?`}`;
}

/** Keys that the validator drops from a map of any keys. */
const DROPPED = ['__proto__', 'constructor', 'prototype'];

/** What the validator passes over: keys that the schema does not know or that it drops, and lists where keys belong. */
export function strangers(outline: Outline, value: unknown, path: readonly (string | number)[] = []): string[] {
  const { members, items, type } = outline;
  if (Array.isArray(value)) {
    if (items !== undefined) return value.flatMap((item, index) => strangers(items, item, [...path, index]));
    const keyed = members !== undefined || type === 'any keys';
    return keyed ? [`${path.join('.') || '(top)'}: must be object`] : [];
  }
  if (typeof value !== 'object' || value === null) return [];
  if (type === 'any keys') {
    const dropped = Object.keys(value).filter((key) => DROPPED.includes(key));
    return dropped.map((key) => `${[...path, key].join('.')}: is no name that can be used`);
  }
  if (members === undefined) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const place = [...path, key];
    const member = members.get(key);
    return member === undefined
      ? [unknown(key, place.join('.'), [...members.keys()])]
      : strangers(member, inner, place);
  });
}
