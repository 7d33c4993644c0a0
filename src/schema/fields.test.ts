import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Parameters } from '../core/parameters.ts';
import { Secret } from '../core/secret.ts';
import { type Field, type InputFields, readInput } from './field.ts';
import { choice, clientToken, dryRun, flag, integer, json, secretText, text } from './fields.ts';
import { structList, textList } from './list-fields.ts';
import { notOffered } from './not-offered.ts';
import { pageNumberInput, pageOf } from './page-number.ts';
import { FieldRejected } from './rejected.ts';
import { resourceTags, tagsToKeep } from './resource-tags.ts';

/** Parameters over flat names, as `wire` gives them. */
function parameters(values: Readonly<Record<string, string>>): Parameters {
  const inside = (prefix: string) =>
    Object.entries(values)
      .filter(([name]) => name.startsWith(`${prefix}.`))
      .map(([name, value]) => [name.slice(prefix.length + 1), value] as const);
  const numbered = (prefix: string) => {
    const groups = new Map<number, Record<string, string>>();
    for (const [rest, value] of inside(prefix)) {
      const [number, ...path] = rest.split('.');
      groups.set(Number(number), { ...groups.get(Number(number)), [path.join('.')]: value });
    }
    return [...groups].sort(([a], [b]) => a - b).map(([, group]) => group);
  };
  return {
    get: (name) => (Object.hasOwn(values, name) ? values[name] : undefined),
    list: (prefix) => numbered(prefix).flatMap((group) => (group[''] === undefined ? [] : [group['']])),
    structs: (prefix) =>
      numbered(prefix)
        .filter((group) => group[''] === undefined)
        .map(parameters),
    group: (prefix) => parameters(Object.fromEntries(inside(prefix))),
    names: () => Object.keys(values),
  };
}

/** The value, or `reason of parameter`. */
function read(field: Field<unknown>, values: string | Readonly<Record<string, string>> | undefined): unknown {
  const sent = values === undefined ? {} : typeof values === 'string' ? { F: values } : values;
  try {
    return readInput({ F: field } as InputFields, parameters(sent)).F;
  } catch (error) {
    if (!(error instanceof FieldRejected)) throw error;
    return `${error.reason} of ${error.parameter}`;
  }
}

const doc = '';

describe('every kind of field', () => {
  const required = { doc, required: true } as const;
  const kinds: [string, Field<unknown>, Field<unknown>, unknown][] = [
    ['text', text({ doc }), text(required), text({ doc, fallback: 'x' })],
    ['choice', choice(['x', 'y'], { doc }), choice(['x', 'y'], required), choice(['x', 'y'], { doc, fallback: 'x' })],
    ['secret', secretText({ doc }), secretText(required), undefined],
    ['flag', flag({ doc }), flag(required), flag({ doc, fallback: false })],
    ['integer', integer({ doc }), integer(required), integer({ doc, fallback: 7 })],
    ['json', json({ doc }, (value) => value), json(required, (value) => value), undefined],
    ['list of texts', textList({ doc }), textList(required), textList({ doc, fallback: ['x'] })],
    [
      'list of structures',
      structList({ A: text({ doc }) }, { doc }),
      structList({ A: text({ doc }) }, required),
      undefined,
    ],
  ];

  it.each(kinds)('%s: absent, and empty, is undefined, missing, or the fallback', (_, plain, needed, withFallback) => {
    for (const sent of [undefined, '']) {
      expect(read(plain, sent)).toBeUndefined();
      expect(read(needed, sent)).toBe('missing of F');
      if (withFallback !== undefined) {
        const field = withFallback as Field<unknown>;
        expect(read(field, sent)).toEqual(field.fallback);
      }
    }
  });
});

describe('text', () => {
  it.each([
    [{ max: 3 }, 'abc', 'abc'],
    [{ max: 3 }, 'abcd', 'length of F'],
    [{ min: 2, max: 3 }, 'a', 'length of F'],
    [{ min: 2 }, 'ab', 'ab'],
    [{ min: 2 }, 'a', 'length of F'],
    [{ min: 0, max: 3 }, '', ''],
    [{ max: 2 }, '😀', '😀'],
    [{ max: 1 }, '😀', 'length of F'],
    [{ maxBytes: 3 }, '€', '€'],
    [{ maxBytes: 2 }, '€', 'length of F'],
    [{ pattern: /^[a-z]+$/ }, 'abc', 'abc'],
    [{ pattern: /^[a-z]+$/ }, 'aBc', 'chars of F'],
    [{ pattern: /^[a-z]+$/, breach: 'format' }, 'aBc', 'format of F'],
    [{ pattern: /^[a-z]+$/, max: 2 }, 'ABC', 'length of F'],
    [{ choices: ['a', 'b'] }, 'b', 'b'],
    [{ choices: ['a', 'b'] }, 'B', 'value of F'],
    [{ choices: ['a', 'b'] }, 'constructor', 'value of F'],
    [{}, ' x ', ' x '],
  ] as const)('%j reads %j as %j', (limits, sent, expected) => {
    expect(read(text({ doc, ...limits }), sent)).toBe(expected);
  });

  it('is taken exactly within its limits', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }), fc.nat(8), fc.nat(8), (sent, a, b) => {
        const [min, max] = [Math.min(a, b), Math.max(a, b)];
        const fits = sent.length >= min && sent.length <= max;
        expect(read(text({ doc, min, max }), sent)).toBe(fits ? sent : 'length of F');
      }),
    );
  });

  it('says its limits in words', () => {
    expect(text({ doc, min: 2, max: 9, maxBytes: 20, pattern: /x/, form: 'letters' }).limits).toBe(
      '2-9 characters; at most 20 bytes; letters',
    );
    expect(text({ doc, min: 2 }).limits).toBe('at least 2 characters');
    expect(text({ doc, min: 0, max: 9 }).limits).toBe('0-9 characters');
    expect(choice(['a', 'b'], { doc }).limits).toBe('`a`, `b`');
  });
});

it('hands secrets over as such, masked everywhere', () => {
  const value = read(secretText({ doc, max: 8 }), 'canary');
  expect(value).toBeInstanceOf(Secret);
  expect(`${value} ${JSON.stringify(value)}`).not.toContain('canary');
  expect((value as Secret).revealText()).toBe('canary');
  expect(read(secretText({ doc, max: 3 }), 'canary')).toBe('length of F');
  expect([secretText({ doc }).secret, text({ doc, masked: true }).secret, text({ doc }).secret]).toEqual([
    true,
    true,
    false,
  ]);
});

it.each([
  ['true', true],
  ['FALSE', false],
  ['True', true],
  ['1', 'value of F'],
  ['yes', 'value of F'],
  [' true', 'value of F'],
])('reads the flag %j as %j, in a dry run too', (sent, expected) => {
  expect(read(flag({ doc }), sent)).toBe(expected);
  expect(read(dryRun(), sent)).toBe(expected);
});

describe('integer', () => {
  it.each([
    [{}, '12', 12],
    [{}, '-3', -3],
    [{}, '007', 7],
    [{}, '1.5', 'format of F'],
    [{}, '1e3', 'format of F'],
    [{}, '0x10', 'format of F'],
    [{}, '+1', 'format of F'],
    [{}, ' 1', 'format of F'],
    [{}, '١', 'format of F'],
    [{}, 'NaN', 'format of F'],
    [{}, '9007199254740991', Number.MAX_SAFE_INTEGER],
    [{}, '9007199254740993', 'value of F'],
    [{}, '12345678901234567', 'format of F'],
    [{ min: 1, max: 3 }, '0', 'value of F'],
    [{ min: 1, max: 3 }, '1', 1],
    [{ min: 1, max: 3 }, '3', 3],
    [{ min: 1, max: 3 }, '4', 'value of F'],
  ] as const)('%j reads %j as %j', (limits, sent, expected) => {
    expect(read(integer({ doc, ...limits }), sent)).toBe(expected);
  });

  it('takes what is printed', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (number) => {
        expect(read(integer({ doc }), String(number))).toBe(number);
      }),
    );
  });
});

describe('json', () => {
  const map = json({ doc, maxLength: 20 }, (value, name) => {
    if (typeof value !== 'object') throw new FieldRejected(name, 'value', 'no map');
    return value;
  });
  it.each([
    ['{"a":1}', { a: 1 }],
    ['{"a":', 'json of F'],
    ['1', 'value of F'],
    [`"${'x'.repeat(30)}"`, 'length of F'],
  ])('reads %j as %j', (sent, expected) => {
    expect(read(map, sent)).toEqual(expected);
  });
});

describe('a list of texts', () => {
  const list = textList({ doc, max: 3, maxItems: 3 });
  it.each([
    [{ 'F.1': 'a', 'F.2': 'b' }, ['a', 'b']],
    [{ 'F.10': 'b', 'F.2': 'a' }, ['a', 'b']],
    [{ F: '["a","b"]' }, ['a', 'b']],
    [{ F: 'a, b' }, ['a', 'b']],
    [{ F: 'a' }, ['a']],
    [{ F: '[]' }, []],
    [{ F: '[1]' }, 'json of F'],
    [{ F: '["a"' }, 'json of F'],
    [{ F: '[["a"]]' }, 'json of F'],
    [{ 'F.1': 'a', F: 'b' }, ['a']],
    [{ F: 'a,b,c,d' }, 'length of F'],
    [{ F: 'a,long' }, 'length of F.2'],
    [{ F: 'a,' }, 'length of F.2'],
    [{ 'F.1': '' }, 'length of F.1'],
    [{ 'F.1': 'a', 'F.7': 'long' }, 'length of F.2'],
  ])('reads %j as %j', (sent, expected) => {
    expect(read(list, sent)).toEqual(expected);
  });

  it('is the same in all three spellings', () => {
    const item = fc.stringMatching(/^[a-z0-9]{1,3}$/);
    fc.assert(
      fc.property(fc.array(item, { minLength: 1, maxLength: 3 }), (items) => {
        const repeated = Object.fromEntries(items.map((value, at) => [`F.${at + 1}`, value]));
        for (const sent of [repeated, { F: JSON.stringify(items) }, { F: items.join(',') }])
          expect(read(list, sent)).toEqual(items);
      }),
    );
  });
});

describe('a list of structures', () => {
  const list = structList(
    { Key: text({ doc, required: true, max: 3 }), Size: integer({ doc, fallback: 1 }) },
    { doc, maxItems: 2 },
  );
  it.each([
    [{ 'F.1.Key': 'a' }, [{ Key: 'a', Size: 1 }]],
    [
      { 'F.3.Key': 'b', 'F.1.Key': 'a', 'F.1.Size': '4' },
      [
        { Key: 'a', Size: 4 },
        { Key: 'b', Size: 1 },
      ],
    ],
    [{ 'F.1.Size': '4' }, 'missing of F.1.Key'],
    [{ 'F.1.Key': 'a', 'F.2.Key': 'long' }, 'length of F.2.Key'],
    [{ 'F.1.Key': 'a', 'F.2.Key': 'b', 'F.3.Key': 'c' }, 'length of F'],
    [{ 'F.1.Key': 'a', 'F.1.Size': 'x' }, 'format of F.1.Size'],
  ])('reads %j as %j', (sent, expected) => {
    expect(read(list, sent)).toEqual(expected);
  });
});

it.each([
  ['token-1', 'token-1'],
  ['x'.repeat(64), 'x'.repeat(64)],
  ['x'.repeat(65), 'length of F'],
  ['with space', 'chars of F'],
  ['ümlaut', 'chars of F'],
])('reads the idempotency token %j as %j', (sent, expected) => {
  expect(read(clientToken(), sent)).toBe(expected);
  expect(clientToken().role).toBe('client-token');
});

it.each([
  [{ F: 'x' }, 'value of F'],
  [{ F: 'true' }, 'value of F'],
  [{ F: '' }, undefined],
  [{ F: 'false' }, undefined],
  [{ F: '0' }, undefined],
  [{ 'F.1': 'x' }, 'value of F'],
  [{ 'F.Inner': 'x' }, 'value of F'],
  [{}, undefined],
])('what is not offered, sent as %j, is %j', (sent, expected) => {
  expect(read(notOffered(), sent)).toBe(expected);
});

it('reads all fields in the order of declaration and reports the first that does not fit', () => {
  const fields = { B: integer({ doc, required: true }), A: text({ doc, max: 1 }) };
  expect(() => readInput(fields, parameters({ A: 'long', B: 'x' }))).toThrow(
    expect.objectContaining({ parameter: 'B', reason: 'format' }),
  );
  expect(readInput(fields, parameters({ A: 'a', B: '1', constructor: 'x' }))).toEqual({ A: 'a', B: 1 });
});

it('pages', () => {
  const all = [1, 2, 3, 4, 5];
  expect([pageOf(all, 1, 2), pageOf(all, 3, 2), pageOf(all, 4, 2), pageOf([], 1, 10)]).toEqual([[1, 2], [5], [], []]);
  const page = pageNumberInput(50);
  expect(readInput(page, parameters({}))).toEqual({ PageNumber: 1, PageSize: 10 });
  expect(() => readInput(page, parameters({ PageNumber: '0' }))).toThrow(FieldRejected);
  expect(() => readInput(page, parameters({ PageSize: '51' }))).toThrow(FieldRejected);
  expect(readInput(pageNumberInput(50, 5, 'CurrentPage'), parameters({ CurrentPage: '2' }))).toEqual({
    CurrentPage: 2,
    PageSize: 5,
  });
});

it('keeps the last tag of a key, sorted', () => {
  const field = resourceTags('');
  const sent = { 'F.1.Key': 'b', 'F.1.Value': '1', 'F.2.Key': 'a', 'F.3.Key': 'b', 'F.3.Value': '2' };
  expect(tagsToKeep(read(field, sent) as never)).toEqual([
    { key: 'a', value: '' },
    { key: 'b', value: '2' },
  ]);
});
