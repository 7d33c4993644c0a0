import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encryptionContext } from '../../src/operations/kms/_encryption-context.ts';
import { FieldRejected } from '../../src/schema/rejected.ts';
import { Params } from '../../src/wire/params.ts';

const field = encryptionContext('');
const read = (text: string) => field.read(Params.of({ C: text }), 'C');

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.constantFrom('', '"', '\\', '\\"', '":"', '","', '{', '__proto__', 'constructor', 'a\nb', 'é'),
);

/** JSON in one of its spellings: characters as they are, or each as an escape. */
function written(value: string, escaped: boolean): string {
  if (!escaped) return JSON.stringify(value);
  const units = Array.from({ length: value.length }, (_, at) => value.charCodeAt(at).toString(16).padStart(4, '0'));
  return `"${units.map((unit) => `\\u${unit}`).join('')}"`;
}

const pairs = fc.uniqueArray(fc.tuple(text, text, fc.boolean(), fc.boolean()), { selector: ([name]) => name });
const object = (members: readonly (readonly [string, string, boolean, boolean])[]) =>
  `{${members.map(([name, value, a, b]) => `${written(name, a)} : ${written(value, b)}`).join(' , ')}}`;

describe('an encryption context', () => {
  it('is taken, whatever its texts and however they are spelled', () => {
    fc.assert(
      fc.property(pairs, (members) => {
        const expected = members.map(([name, value]) => [name, value]);
        expect(new Map(read(object(members)))).toEqual(new Map(expected as [string, string][]));
      }),
    );
  });

  it('is what was sent, whatever others have sent before', () => {
    // V8's own reader takes a name of one character, written as an escape, for the backslash that stood in its place.
    for (let n = 0; n < 10; n += 1) read('{"a":"1","\\\\":"x"}');
    expect(read('{"a":"1","\\u7528":"x"}')).toEqual([
      ['a', '1'],
      ['用', 'x'],
    ]);
    expect(read('{"a":"1","\\n":"x"}')).toEqual([
      ['a', '1'],
      ['\n', 'x'],
    ]);
  });

  it('is refused with a member twice, in whatever spelling', () => {
    fc.assert(
      fc.property(pairs, text, fc.boolean(), fc.boolean(), (members, value, a, b) => {
        const [first] = members;
        fc.pre(first !== undefined);
        const twice = [...members, [first[0], value, a, b] as const];
        expect(() => read(object(twice))).toThrow(FieldRejected);
      }),
    );
  });
});
