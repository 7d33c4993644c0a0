import { beforeEach, expect, it } from 'vitest';
import { createThrottle } from './throttle.ts';

let seconds = 0;
beforeEach(() => {
  seconds = 1_000;
});
const throttle = (rates: Parameters<typeof createThrottle>[0]) => createThrottle(rates, () => seconds);
const taken = (take: () => boolean, calls: number) => Array.from({ length: calls }, take).filter(Boolean).length;

it("lets a second's worth through at once, and as much again each second", () => {
  const { take } = throttle({ query: 5 });
  const query = () => take('a', 'query');
  expect(taken(query, 10)).toBe(5);
  seconds += 0.2;
  expect(taken(query, 10)).toBe(1);
  seconds += 1;
  expect(taken(query, 10)).toBe(5);
  seconds += 3_600;
  expect(taken(query, 10)).toBe(5);
});

it('keeps the rate over many small steps, refused calls costing nothing', () => {
  const { take } = throttle({ query: 5 });
  let passed = 0;
  for (let step = 0; step < 1_000; step += 1) {
    seconds += 0.01;
    passed += taken(() => take('a', 'query'), 3);
  }
  expect(passed).toBeGreaterThanOrEqual(53);
  expect(passed).toBeLessThanOrEqual(56);
});

it('counts each account and class for itself, and does not limit a class without a rate', () => {
  const { take } = throttle({ query: 1, sts: 1 });
  expect([take('a', 'query'), take('b', 'query'), take('a', 'sts'), take('a', 'query')]).toEqual([
    true,
    true,
    true,
    false,
  ]);
  expect(taken(() => take('a', 'management'), 1_000)).toBe(1_000);
});

it('forgets the account that called longest ago, so that memory is bounded', () => {
  const { take } = throttle({ query: 1 });
  take('first', 'query');
  for (let n = 0; n < 9_999; n += 1) take(`account-${n}`, 'query');
  expect(take('first', 'query')).toBe(false);
  take('one more', 'query');
  expect(take('account-0', 'query')).toBe(true);
  expect(take('first', 'query')).toBe(false);
});
