import fc from 'fast-check';
import { expect, it } from 'vitest';
import { describeStorages } from '../support/storage.ts';
import { HERE, THING } from './fixtures.ts';

describeStorages('caches', (open) => {
  it('never answers with a state older than the last finished commit, however reads and commits meet', async () => {
    const { storage } = await open({ recordCacheEntries: 4, memoCacheEntries: 4 });
    const { reader } = storage;
    await storage.transaction(async (tx) => {
      for (const id of ['a', 'b', 'c']) await tx.insert(THING, HERE, { id, name: `${id}0`, size: 0 });
    });
    const finished = new Map([
      ['a', 0],
      ['b', 0],
      ['c', 0],
    ]);
    const step = fc.record({
      do: fc.constantFrom('get', 'find', 'memo', 'write', 'pause'),
      id: fc.constantFrom('a', 'b', 'c'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        const running: Promise<void>[] = [];
        const look = async (verb: string, id: string) => {
          const least = finished.get(id)!;
          if (verb === 'get') {
            const thing = await reader.get(THING, HERE, id);
            expect(thing!.size).toBeGreaterThanOrEqual(least);
          } else if (verb === 'find') {
            // The name of the last finished state leads to it, or to nothing once a later commit renamed it.
            const thing = await reader.find(THING, HERE, 'name', `${id}${least}`);
            if (finished.get(id) === least && thing !== undefined) expect(thing.size).toBe(least);
            if (least > 0) expect(await reader.find(THING, HERE, 'name', `${id}${least - 1}`)).toBeUndefined();
          } else {
            const sizes = await reader.memo('test', HERE.account, 'sizes', async (inner) =>
              Object.fromEntries((await inner.list(THING, HERE)).map((thing) => [thing.id, thing.size!])),
            );
            expect(sizes[id]).toBeGreaterThanOrEqual(least);
          }
        };
        const write = async (id: string) => {
          const size = await storage.transaction(async (tx) => {
            const next = (await tx.get(THING, HERE, id))!.size! + 1;
            await tx.update(THING, HERE, { id, name: `${id}${next}`, size: next });
            return next;
          });
          finished.set(id, Math.max(size, finished.get(id)!));
        };
        for (const { do: verb, id } of steps) {
          if (verb === 'pause') await new Promise((resolve) => setImmediate(resolve));
          else running.push(verb === 'write' ? write(id) : look(verb, id));
        }
        await Promise.all(running);
        for (const [id, size] of finished) {
          expect((await reader.get(THING, HERE, id))!.size).toBe(size);
          expect((await reader.find(THING, HERE, 'name', `${id}${size}`))!.size).toBe(size);
        }
      }),
      { numRuns: 40 },
    );
  });
});
