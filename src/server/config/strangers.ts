import type { Outline } from './outline.ts';
import { type Path, placeText } from './place-text.ts';
import { suggestion } from './suggest.ts';

/** Keys that the validator drops from a map of any keys. */
const DROPPED = ['__proto__', 'constructor', 'prototype'];

function unknown(key: string, path: Path, known: readonly string[]): string {
  const near = suggestion(key, known);
  const place = placeText([...path, key]);
  return `unknown key "${place}"${near === undefined ? `; known here: ${known.join(', ')}` : `; did you mean "${near}"?`}`;
}

/** What is known in an object: where it is one of several, in the one it says it is, or in all when it says nothing. */
function membersOf({ members, branches, by }: Outline, value: object): ReadonlyMap<string, Outline> | undefined {
  if (branches === undefined) return members;
  const word = (value as Readonly<Record<string, unknown>>)[by!];
  const chosen = branches.find((branch) => branch.members?.get(by!)?.words?.includes(word));
  return chosen?.members ?? new Map(branches.flatMap((branch) => [...(branch.members ?? [])]));
}

/** What the validator passes over: keys that the schema does not know or that it drops, and lists where keys belong. */
export function strangers(outline: Outline, value: unknown, path: Path = []): string[] {
  const { items, type } = outline;
  if (Array.isArray(value)) {
    if (items !== undefined) return value.flatMap((item, index) => strangers(items, item, [...path, index]));
    const keyed = type === 'object' || type === 'one of several' || type === 'any keys';
    return keyed ? [`${placeText(path)}: must be object`] : [];
  }
  if (typeof value !== 'object' || value === null) return [];
  if (type === 'any keys') {
    const dropped = Object.keys(value).filter((key) => DROPPED.includes(key));
    return dropped.map((key) => `${placeText([...path, key])}: is no name that can be used`);
  }
  const members = membersOf(outline, value);
  if (members === undefined) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const member = members.get(key);
    return member === undefined ? [unknown(key, path, [...members.keys()])] : strangers(member, inner, [...path, key]);
  });
}
