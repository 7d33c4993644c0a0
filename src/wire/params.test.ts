import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Params } from './params.ts';

it('finds no names of prototypes', () => {
  const empty = Params.of({});
  for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
    expect(empty.get(name)).toBeUndefined();
    expect(empty.has(name)).toBe(false);
  }
  const named = new Params(new Map([['__proto__.1.constructor', 'x']]));
  expect(named.structs('__proto__')[0]?.get('constructor')).toBe('x');
});

it('orders lists by number, over gaps and from 0', () => {
  const params = Params.of({
    'Id.10': 'k',
    'Id.2': 'c',
    'Id.0': 'a',
    Id: 'no',
    'Id.x': 'no',
    Identity: 'no',
    'Id.1.A': 'no',
  });
  expect(params.list('Id')).toEqual(['a', 'c', 'k']);
  expect(params.list('Missing')).toEqual([]);
});

it('takes padded and far numbers for no list members', () => {
  const params = Params.of({
    'Id.01': 'x',
    'Id.100001': 'x',
    'Id.-1': 'x',
    'Id.1e3': 'x',
    'Id.': 'x',
    'Id.100000': 'last',
  });
  expect(params.list('Id')).toEqual(['last']);
  expect(Params.of({ 'Tag.01.Key': 'x', 'Tag.100001.Key': 'x' }).structs('Tag')).toEqual([]);
});

it('groups structures, nested ones too, with empty values kept', () => {
  const params = Params.of({
    'Tag.2.Key': 'team',
    'Tag.2.Value': '',
    'Tag.1.Key': 'env',
    'Tag.1.Scope.1.Name': 'a',
    'Tag.1.Scope.3.Name': 'b',
    'Tag.1.Ids.2': 'y',
    'Tag.1.Ids.1': 'x',
  });
  const [first, second, ...rest] = params.structs('Tag');
  expect(rest).toEqual([]);
  expect(first?.get('Key')).toBe('env');
  expect(first?.structs('Scope').map((scope) => scope.get('Name'))).toEqual(['a', 'b']);
  expect(first?.list('Ids')).toEqual(['x', 'y']);
  expect(second?.get('Value')).toBe('');
  expect([...params.group('Tag.2').names()].sort()).toEqual(['Key', 'Value']);
});

it('gives back any flattened list, whatever the order of names', () => {
  const items = fc.array(fc.record({ Key: fc.string(), Value: fc.string() }), { maxLength: 30 });
  fc.assert(
    fc.property(items, fc.boolean(), (tags, reverse) => {
      const flat = tags.flatMap((tag, at) => [
        [`Tag.${at + 1}.Key`, tag.Key] as const,
        [`Tag.${at + 1}.Value`, tag.Value] as const,
      ]);
      const params = new Params(new Map(reverse ? flat.reverse() : flat));
      expect(params.structs('Tag').map((tag) => ({ Key: tag.get('Key'), Value: tag.get('Value') }))).toEqual(tags);
    }),
  );
});

it('takes as many structures as there can be parameters', () => {
  const params = new Params(new Map(Array.from({ length: 1000 }, (_, at) => [`Tag.${at * 100}.Key`, String(at)])));
  expect(params.structs('Tag')).toHaveLength(1000);
});
