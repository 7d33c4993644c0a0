import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeyCache } from './key-cache.ts';

test('holds at most its limit, drops the least recently used, and each handle once', () => {
  const names = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { maxLength: 60 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), names, (limit, uses) => {
      const dropped: string[] = [];
      const cache = new KeyCache(limit, (handle) => dropped.push(handle.toString()));
      let model: string[] = [];
      let made = 0;
      for (const name of uses) {
        const known = cache.get(name) !== undefined;
        expect(known).toBe(model.includes(name));
        if (!known) {
          cache.put(name, Buffer.from(name));
          made += 1;
        }
        model = [...model.filter((other) => other !== name), name].slice(-limit);
        expect(cache.size).toBe(model.length);
      }
      expect(dropped.length).toBe(made - model.length);
      cache.clear();
      expect(cache.size).toBe(0);
      expect(dropped.length).toBe(made);
    }),
  );
});

test('a key taken out is not dropped', () => {
  const dropped: Buffer[] = [];
  const cache = new KeyCache(2, (handle) => dropped.push(handle));
  cache.put('a', Buffer.of(1));
  expect(cache.take('a')).toEqual(Buffer.of(1));
  expect(cache.take('a')).toBeUndefined();
  cache.clear();
  expect(dropped).toEqual([]);
});
