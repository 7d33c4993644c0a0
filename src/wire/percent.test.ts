import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalQuery } from './canonical-query.ts';
import { MalformedForm, parseForm, percentEncode } from './percent.ts';

const text = fc.string({ unit: 'binary' });
const pairs = fc.array(fc.tuple(text, text), { maxLength: 20 });

describe('percentEncode', () => {
  it.each([
    ['', ''],
    ['AZaz09-_.~', 'AZaz09-_.~'],
    [" !'()*+/=&%", '%20%21%27%28%29%2A%2B%2F%3D%26%25'],
    ['中', '%E4%B8%AD'],
    ['😀', '%F0%9F%98%80'],
    ['\ud800', '%EF%BF%BD'],
    ['\0\n', '%00%0A'],
  ])('encodes %j', (plain, encoded) => expect(percentEncode(plain)).toBe(encoded));

  it('leaves nothing but unreserved characters and upper-case escapes', () => {
    fc.assert(fc.property(text, (value) => /^(?:[A-Za-z0-9\-_.~]|%[0-9A-F]{2})*$/.test(percentEncode(value))));
  });
});

describe('parseForm', () => {
  it.each<[string, [string, string][]]>([
    ['', []],
    ['&&', []],
    ['a', [['a', '']]],
    ['a=', [['a', '']]],
    ['=b', [['', 'b']]],
    ['a=b=c', [['a', 'b=c']]],
    ['a=1+2%2B3', [['a', '1 2+3']]],
    ["a=*~!'()", [['a', "*~!'()"]]],
    ['a=%E4%B8%AD', [['a', '中']]],
    [
      'a=1&&b=2&',
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
  ])('reads %j', (form, expected) => expect(parseForm(form)).toEqual(expected));

  it.each(['a=%', 'a=%4', 'a=%zz', '%=1', 'a=%ff', 'a=%C0%AF', 'a=%ED%A0%80', 'a=%F4%90%80%80'])('refuses %j', (form) =>
    expect(() => parseForm(form)).toThrow(MalformedForm),
  );

  it('stops at the limit', () => {
    expect(parseForm('a&b&c', 3)).toHaveLength(3);
    expect(() => parseForm('a&b&c', 2)).toThrow(MalformedForm);
  });

  it('gives back what was encoded, also with + for spaces', () => {
    fc.assert(
      fc.property(pairs, (values) => {
        const form = values.map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`).join('&');
        const expected = values.map(([name, value]) => [name.toWellFormed(), value.toWellFormed()]);
        expect(parseForm(form)).toEqual(expected);
        expect(parseForm(form.replaceAll('%20', '+'))).toEqual(expected);
      }),
    );
  });

  it('throws nothing but its own fault', () => {
    const noise = fc.string({ unit: fc.constantFrom('%', '&', '=', '+', 'a', '4', 'E', '中', '\0', '\ud800') });
    fc.assert(
      fc.property(noise, (form) => {
        try {
          parseForm(form);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedForm);
        }
      }),
    );
  });
});

describe('canonicalQuery', () => {
  it('sorts by code point, not by UTF-16 unit or by encoding', () => {
    expect(
      canonicalQuery([
        ['b', ''],
        ['a.10', '2'],
        ['a', '1'],
        ['a.1', '3'],
      ]),
    ).toBe('a=1&a.1=3&a.10=2&b=');
    expect(
      canonicalQuery([
        ['😀', '1'],
        ['\ufb01', '2'],
      ]),
    ).toBe('%EF%AC%81=2&%F0%9F%98%80=1');
    expect(
      canonicalQuery([
        ['a_', '1'],
        ['a/', '2'],
      ]),
    ).toBe('a%2F=2&a_=1');
  });

  it('does not depend on the order of the pairs', () => {
    const distinct = fc.uniqueArray(fc.tuple(text, text), { selector: ([name]) => name, maxLength: 12 });
    fc.assert(
      fc.property(
        distinct.chain((values) =>
          fc.tuple(fc.constant(values), fc.shuffledSubarray(values, { minLength: values.length })),
        ),
        ([values, shuffled]) => canonicalQuery(values) === canonicalQuery(shuffled),
      ),
    );
  });

  it('tells different parameters apart', () => {
    expect(canonicalQuery([['a=1&b', '2']])).not.toBe(
      canonicalQuery([
        ['a', '1'],
        ['b', '2'],
      ]),
    );
  });
});
