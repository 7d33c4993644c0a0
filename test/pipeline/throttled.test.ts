import { afterEach, expect, it } from 'vitest';
import { StorageBusy, StorageDown } from '../../src/domain/storage.ts';
import type { ThrottleClass } from '../../src/operation/operation.ts';
import { dryRun } from '../../src/schema/fields.ts';
import { type Bench, openBench, reads, writes } from './support.ts';

let reached = 0;
const declared = (product: 'Kms' | 'Ram') =>
  reads({
    product,
    name: `Look${product}`,
    origin: 'extension',
    title: '',
    input: { DryRun: dryRun() },
    output: {},
    permissions: 'none',
    throttle: 'query',
    errors: [],
    resolve: async () => {
      reached += 1;
    },
    handle: async () => ({}),
  });
const [LookKms, LookRam] = [declared('Kms'), declared('Ram')];

const bare = { product: 'Kms', origin: 'extension', title: '', input: {}, output: {}, permissions: 'none' } as const;
const Inner = writes({
  ...bare,
  product: 'Ram',
  name: 'Inner',
  throttle: 'management',
  errors: [],
  handle: async () => {
    reached += 1;
    return {};
  },
});
const OuterRead = reads({
  ...bare,
  name: 'OuterRead',
  throttle: 'query',
  calls: [{ product: 'Ram', name: 'Inner', when: 'always' }],
  errors: [],
  handle: async (ctx) => ctx.call('Ram', 'Inner', {}),
});
/** Calls before its transaction and in it. */
const OuterWrite = writes({
  ...bare,
  name: 'OuterWrite',
  throttle: 'management',
  calls: [{ product: 'Ram', name: 'Inner', when: 'always' }],
  errors: [],
  prepare: (ctx) => ctx.call('Ram', 'Inner', {}),
  handle: (ctx) => ctx.call('Ram', 'Inner', {}),
});

let bench: Bench | undefined;
afterEach(async () => {
  await bench?.close();
  bench = undefined;
  reached = 0;
});

it('refuses what is above the rate before anything is looked up, with an event, and lets services through', async () => {
  const asked: [string, ThrottleClass][] = [];
  bench = await openBench([LookKms, LookRam], () => ({
    throttle: {
      take: (account, group) => {
        asked.push([account, group]);
        return false;
      },
    },
  }));
  const refused = await bench.run(LookKms);
  expect(refused.fault).toMatchObject({ code: 'Rejected.Throttling', status: 429 });
  expect(await bench.events(refused.requestId)).toMatchObject([{ errorCode: 'Rejected.Throttling' }]);
  expect(await bench.run(LookRam)).toMatchObject({ code: 'Throttling.User' });
  expect(await bench.run(LookKms, { parameters: { DryRun: 'true' } })).toMatchObject({ code: 'Rejected.Throttling' });
  expect(reached).toBe(0);
  expect(asked).toEqual(Array.from({ length: 3 }, () => [bench!.account, 'query']));
  expect(await bench.run(LookKms, { internal: true })).toMatchObject({ code: 'OK' });
  expect(asked).toHaveLength(3);
});

it('takes one call of the allowance for a call and those made inside it', async () => {
  let left = 1;
  bench = await openBench([Inner, OuterRead, OuterWrite], () => ({
    throttle: {
      take: () => {
        left -= 1;
        return left >= 0;
      },
    },
  }));
  for (const [outer, inner] of [
    [OuterRead, 1],
    [OuterWrite, 2],
  ] as const) {
    left = 1;
    reached = 0;
    expect(await bench.run(outer)).toMatchObject({ code: 'OK' });
    expect(reached).toBe(inner);
    expect(await bench.run(outer)).toMatchObject({ code: 'Rejected.Throttling' });
  }
});

it.each([
  ['busy', new StorageBusy()],
  ['absent', new StorageDown('the disk is full')],
])('answers a storage that is %s with an error that clients try again', async (_, trouble) => {
  bench = await openBench([LookKms, LookRam], ({ storage }) => ({
    log: { error: () => {}, warn: () => {}, info: () => {} },
    storage: {
      ...storage,
      journal: async () => {
        throw trouble;
      },
    },
  }));
  expect((await bench.run(LookKms)).fault).toMatchObject({ code: 'ServiceUnavailableTemporary', status: 503 });
  expect((await bench.run(LookRam)).fault).toMatchObject({ code: 'ServiceUnavailable', status: 503 });
});

it('tells the observer of every call once, by closed names', async () => {
  const seen: unknown[] = [];
  bench = await openBench([LookKms, LookRam], () => ({
    observer: { call: (product, operation, code) => seen.push([product, operation, code]) },
  }));
  await bench.run(LookKms);
  await bench.run(LookKms, { parameters: { DryRun: 'maybe' } });
  expect(seen).toEqual([
    ['Kms', 'LookKms', 'OK'],
    ['Kms', 'LookKms', 'InvalidParameter'],
  ]);
});
