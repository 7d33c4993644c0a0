import { expect, it } from 'vitest';
import { bodyPairs } from './body.ts';

const pairs = (text: string) => bodyPairs('json', Buffer.from(text));

it('reads a JSON body as it was sent, whatever bodies came before', () => {
  for (let n = 0; n < 10; n += 1) pairs('{"C":{"a":"1","\\\\":"x"}}');
  expect(pairs('{"C":{"a":"1","\\u7528":"x"}}')).toEqual([['C', '{"a":"1","用":"x"}']]);
  expect(pairs('{"C":{"a":"1","\\"":"x"}}')).toEqual([['C', '{"a":"1","\\"":"x"}']]);
  expect(pairs('{"n":1,"t":true,"none":null}')).toEqual([
    ['n', '1'],
    ['t', 'true'],
  ]);
});

it('reads no long body with care', () => {
  const long = `{"\\n":"${'x'.repeat(70_000)}"}`;
  expect(() => pairs(long)).toThrow('the body is not a JSON object');
  expect(pairs(`{"a":"${'x'.repeat(70_000)}"}`)).toHaveLength(1);
});
