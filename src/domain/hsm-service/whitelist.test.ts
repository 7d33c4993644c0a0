import { expect, it } from 'vitest';
import { readWhitelist } from './whitelist.ts';

it.each([
  ['', []],
  ['10.0.0.1', ['10.0.0.1']],
  [' 10.0.0.0/24 , 10.0.1.0/24,', ['10.0.0.0/24', '10.0.1.0/24']],
  ['10.0.0.1,10.0.0.1', ['10.0.0.1']],
  ['0.0.0.0/0', undefined],
  ['10.0.0.1,0.0.0.0/0', undefined],
  ['10.0.0.1/24', undefined],
  ['somewhere', undefined],
  [Array.from({ length: 10 }, (_, at) => `10.0.0.${at}`).join(), Array.from({ length: 10 }, (_, at) => `10.0.0.${at}`)],
  [Array.from({ length: 11 }, (_, at) => `10.0.0.${at}`).join(), undefined],
])('%j is read as %j', (text, list) => {
  expect(readWhitelist(text)).toEqual(list);
});
