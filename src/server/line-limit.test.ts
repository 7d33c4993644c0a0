import { beforeEach, expect, it } from 'vitest';
import type { Timers } from '../keystore/timers.ts';
import { createLineLimit, type Line, type LineLimit } from './line-limit.ts';

let now: number;
let due: { at: number; work: () => void }[];
let told: [Line, number][];
let limit: LineLimit;

const timers: Timers = {
  now: () => now,
  after: (ms, work) => {
    due.push({ at: now + ms, work });
    return () => {};
  },
};
const pass = (ms: number): void => {
  now += ms;
  for (const { work } of due.filter(({ at }) => at <= now)) work();
  due = due.filter(({ at }) => at > now);
};

beforeEach(() => {
  now = 0;
  due = [];
  told = [];
  const leftOut = (line: Line, count: number) => told.push([line, count]);
  limit = createLineLimit({ most: 2, windowMs: 10_000, kinds: 3, timers, leftOut });
});

const failed: Line = { message: 'call failed', type: 'DatabaseUnreachable' };
const admitted = (line: Line, times: number) => Array.from({ length: times }, () => limit.admit(line)).filter(Boolean);

it('lets so many of a kind through in a window, and says once how many it left out', () => {
  expect(admitted(failed, 100)).toHaveLength(2);
  pass(9_999);
  expect(admitted(failed, 1)).toHaveLength(0);
  expect(told).toEqual([]);
  pass(1);
  expect(told).toEqual([[failed, 99]]);
  expect(admitted(failed, 3)).toHaveLength(2);
  pass(10_000);
  expect(told).toEqual([
    [failed, 99],
    [failed, 1],
  ]);
});

it('says nothing when it left nothing out', () => {
  expect(admitted(failed, 2)).toHaveLength(2);
  pass(10_000);
  expect(told).toEqual([]);
  expect(due).toEqual([]);
});

it('tells kinds apart by text and type', () => {
  admitted(failed, 2);
  expect(admitted({ ...failed, type: 'TypeError' }, 3)).toHaveLength(2);
  expect(admitted({ ...failed, message: 'task failed' }, 3)).toHaveLength(2);
});

it('keeps no more kinds than it may, and bounds the rest together', () => {
  const kinds = Array.from({ length: 1_000 }, (_, n): Line => ({ message: `m${n}`, type: 'Error' }));
  expect(kinds.filter((kind) => limit.admit(kind))).toHaveLength(3 + 2);
  expect(due).toHaveLength(4);
  pass(10_000);
  expect(told).toEqual([[{ message: 'lines of many kinds', type: undefined }, 995]]);
});
