import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Generations } from '../core/generations.ts';
import { LoadCache } from './cache.ts';

it('holds no more than its bound and keeps what is used', () => {
  const kept = new Generations<number>(100);
  kept.set('used', -1);
  for (let n = 0; n < 10_000; n++) {
    kept.set(`n${n}`, n);
    expect(kept.get('used')).toBe(-1);
    expect(kept.size).toBeLessThanOrEqual(100);
  }
  expect(kept.get('n9999')).toBe(9999);
  expect(kept.get('n0')).toBeUndefined();
});

it('behaves as a map that may forget, but never holds a deleted or older value', () => {
  const step = fc.record({
    do: fc.constantFrom('set', 'get', 'delete'),
    key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
    value: fc.integer(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 2, max: 6 }), (steps, entries) => {
      const kept = new Generations<number>(entries);
      const model = new Map<string, number>();
      for (const { do: verb, key, value } of steps) {
        if (verb === 'set') {
          kept.set(key, value);
          model.set(key, value);
          expect(kept.get(key)).toBe(value);
        } else if (verb === 'delete') {
          kept.delete(key);
          model.delete(key);
        } else {
          const found = kept.get(key);
          if (found !== undefined) expect(found).toBe(model.get(key));
        }
        expect(kept.size).toBeLessThanOrEqual(entries);
      }
    }),
  );
});

it('shares one load among those who ask at once, keeps what it gave, also nothing, but no failure', async () => {
  const cache = new LoadCache<string | undefined>(10, 10, () => true);
  let loads = 0;
  const load = (value: string | undefined) => async () => {
    loads += 1;
    if (value === 'fail') throw new Error('no');
    return value;
  };
  expect(await Promise.all([cache.get('a', load('v')), cache.get('a', load('w'))])).toEqual(['v', 'v']);
  expect(await cache.get('a', load('w'))).toBe('v');
  expect(await cache.get('none', load(undefined))).toBeUndefined();
  expect(await cache.get('none', load('w'))).toBeUndefined();
  expect(loads).toBe(2);
  await expect(cache.get('b', load('fail'))).rejects.toThrow('no');
  expect(await cache.get('b', load('now'))).toBe('now');
});

it('keeps few of the keys that were not there', async () => {
  const cache = new LoadCache<string | undefined>(1000, 10, () => true);
  for (let n = 0; n < 1000; n++) await cache.get(`k${n}`, async () => undefined);
  expect(cache.size).toBeLessThanOrEqual(10);
});

it('neither gives nor keeps anything while it may not be used', async () => {
  let usable = true;
  const cache = new LoadCache<number>(10, 10, () => usable);
  await cache.get('a', async () => 1);
  usable = false;
  expect(await cache.get('a', async () => 2)).toBe(2);
  let give = (_: number) => {};
  const slow = cache.get('b', () => new Promise<number>((resolve) => (give = resolve)));
  give(3);
  expect(await slow).toBe(3);
  usable = true;
  expect(await cache.get('b', async () => 4)).toBe(4);
});

/**
 * A database of one value per key, whose reads take the value at some moment and deliver it at a later one, and whose
 * commits become visible before the cache is told. Runs an arbitrary interleaving and looks for stale answers.
 */
it('never gives a value older than the last commit that was finished before the question', async () => {
  const step = fc.record({
    do: fc.constantFrom('ask', 'ask', 'read', 'deliver', 'commit', 'tell'),
    key: fc.constantFrom('a', 'b'),
    pick: fc.nat(5),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
      const database = new Map([
        ['a', 0],
        ['b', 0],
      ]);
      const cache = new LoadCache<number>(10, 10, () => true);
      const finished = new Map(database);
      const untold: { key: string; value: number }[] = [];
      const reads: { key: string; value?: number; give: (value: number) => void }[] = [];
      const asked: Promise<void>[] = [];
      const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
      const ask = (key: string) => {
        const least = finished.get(key)!;
        const answer = cache.get(key, () => new Promise<number>((give) => reads.push({ key, give })));
        asked.push(answer.then((value) => expect(value).toBeGreaterThanOrEqual(least)));
      };
      const tell = () => {
        const change = untold.shift();
        if (change === undefined) return;
        cache.drop(change.key);
        finished.set(change.key, change.value);
      };
      for (const { do: verb, key, pick } of steps) {
        const read = reads[pick % Math.max(1, reads.length)];
        if (verb === 'ask') ask(key);
        else if (verb === 'commit') {
          database.set(key, database.get(key)! + 1);
          untold.push({ key, value: database.get(key)! });
        } else if (verb === 'tell') tell();
        else if (verb === 'read' && read !== undefined) read.value ??= database.get(read.key)!;
        else if (read?.value !== undefined) {
          reads.splice(reads.indexOf(read), 1);
          read.give(read.value);
          await settle();
        }
      }
      while (untold.length > 0) tell();
      for (const read of reads.splice(0)) read.give(read.value ?? database.get(read.key)!);
      await Promise.all(asked);
      await settle();
      // What was kept is today's value.
      for (const [key, value] of database) expect(await cache.get(key, async () => value)).toBe(value);
    }),
    { numRuns: 300 },
  );
});
