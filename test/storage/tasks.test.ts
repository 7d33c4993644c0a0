import { expect, it } from 'vitest';
import type { ClaimRequest, Storage } from '../../src/domain/storage.ts';
import { describeStorages, TEST_START } from '../support/storage.ts';
import { HERE, THERE, THING } from './fixtures.ts';

const T0 = TEST_START.getTime();
const at = (ms: number) => new Date(T0 + ms);
const claim = (changes: Partial<ClaimRequest> = {}): ClaimRequest => ({
  now: at(0),
  wall: at(0),
  leaseMs: 1000,
  limit: 10,
  ...changes,
});
const enqueue = (storage: Storage, due?: Date, key?: string, type = 't') =>
  storage.transaction((tx) =>
    tx.enqueue({ type, place: HERE, payload: { n: 1 }, ...(due && { due }), ...(key && { key }) }),
  );

describeStorages('tasks', (open) => {
  it('hands a due task to one claimer, with all it was enqueued with', async () => {
    const { storage } = await open();
    const id = await storage.transaction((tx) => tx.enqueue({ type: 'connect', place: THERE, payload: { a: ['b'] } }));
    const [task, ...more] = await storage.claimTasks(claim());
    expect(more).toEqual([]);
    expect(task).toMatchObject({ id, type: 'connect', place: THERE, payload: { a: ['b'] }, attempt: 1 });
    expect(await storage.claimTasks(claim())).toEqual([]);
    expect(await storage.nextTaskDue()).toBeUndefined();
  });

  it('claims what is due by service time, the longest due first, up to the limit', async () => {
    const { storage } = await open();
    const third = await enqueue(storage, at(3));
    const first = await enqueue(storage, at(1));
    const second = await enqueue(storage, at(2));
    expect(await storage.nextTaskDue()).toEqual(at(1));
    expect(await storage.claimTasks(claim())).toEqual([]);
    expect((await storage.claimTasks(claim({ now: at(2), limit: 1 }))).map(({ id }) => id)).toEqual([first]);
    expect(await storage.nextTaskDue()).toEqual(at(2));
    expect((await storage.claimTasks(claim({ now: at(3) }))).map(({ id }) => id)).toEqual([second, third]);
  });

  it('holds a task for longer while it is renewed, until somebody else has taken it', async () => {
    const { storage, wall } = await open();
    await enqueue(storage);
    const [task] = await storage.claimTasks(claim());
    wall.now = at(900);
    expect(await task!.renew(1000)).toBe(true);
    expect(await storage.claimTasks(claim({ wall: at(1899) }))).toEqual([]);
    const [taken] = await storage.claimTasks(claim({ wall: at(1900) }));
    expect(taken).toMatchObject({ id: task!.id, attempt: 2 });
    expect(await task!.renew(1_000_000)).toBe(false);
    expect(await storage.claimTasks(claim({ wall: at(2900) }))).toHaveLength(1);
  });

  it('finishes inside the transaction, or not at all', async () => {
    const { storage } = await open();
    await enqueue(storage);
    const [task] = await storage.claimTasks(claim());
    await expect(
      storage.transaction(async (tx) => {
        expect(await task!.finish(tx)).toBe(true);
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    await storage.transaction(async (tx) => {
      expect(await task!.finish(tx)).toBe(true);
      await tx.insert(THING, HERE, { id: 'done' });
    });
    expect(await storage.transaction((tx) => task!.finish(tx))).toBe(false);
    expect(await storage.claimTasks(claim({ wall: at(1e9), now: at(1e9) }))).toEqual([]);
  });

  it('lets another claim the task once the lease has run out, and the first can no longer finish it', async () => {
    const { storage, wall } = await open();
    await enqueue(storage);
    const [lost] = await storage.claimTasks(claim());
    expect(await storage.claimTasks(claim({ wall: at(999), now: at(1e6) }))).toEqual([]);
    wall.now = at(1000);
    expect(await storage.nextTaskDue()).toEqual(new Date(0));
    const [taken] = await storage.claimTasks(claim({ wall: at(1000) }));
    expect(taken).toMatchObject({ id: lost!.id, attempt: 2 });
    expect(await storage.transaction((tx) => lost!.finish(tx))).toBe(false);
    await lost!.retry(at(0));
    expect(await storage.claimTasks(claim({ wall: at(1001) }))).toEqual([]);
    expect(await storage.transaction((tx) => taken!.finish(tx))).toBe(true);
  });

  it('runs again when it was given back', async () => {
    const { storage } = await open();
    await enqueue(storage);
    const [task] = await storage.claimTasks(claim());
    await task!.retry(at(500));
    expect(await storage.nextTaskDue()).toEqual(at(500));
    expect(await storage.claimTasks(claim())).toEqual([]);
    expect(await storage.claimTasks(claim({ now: at(500) }))).toMatchObject([{ id: task!.id, attempt: 2 }]);
  });

  it('keeps one unfinished task per key', async () => {
    const { storage } = await open();
    const id = await enqueue(storage, undefined, 'k');
    expect(await enqueue(storage, at(9), 'k')).toBe(id);
    const inOne = await storage.transaction(async (tx) => {
      const task = { type: 't', place: HERE, payload: {}, key: 'k2' };
      return [await tx.enqueue(task), await tx.enqueue(task)];
    });
    expect(inOne[0]).toBe(inOne[1]);
    const tasks = await storage.claimTasks(claim());
    expect(tasks).toHaveLength(2);
    expect(await enqueue(storage, undefined, 'k')).toBe(id);
    const mine = tasks.find((task) => task.id === id)!;
    await storage.transaction((tx) => mine.finish(tx));
    expect(await enqueue(storage, undefined, 'k')).not.toBe(id);
  });

  it('tells listeners after commits that enqueued, and only then', async () => {
    const { storage } = await open();
    let told = 0;
    storage.onTasks(() => {
      told += 1;
    });
    await storage.transaction((tx) => tx.insert(THING, HERE, { id: 'a' }));
    expect(told).toBe(0);
    await storage.transaction(async (tx) => {
      await tx.enqueue({ type: 't', place: HERE, payload: {} });
      expect(told).toBe(0);
    });
    expect(told).toBe(1);
  });

  it('keeps unfinished tasks over a new start, and their leases where another process may hold them', async () => {
    const { storage, reopen } = await open();
    await enqueue(storage, undefined, 'k');
    const [task] = await storage.claimTasks(claim());
    const again = await reopen();
    if (open.shared) expect(await again.claimTasks(claim())).toEqual([]);
    expect(await again.claimTasks(claim(open.shared ? { wall: at(1000) } : {}))).toMatchObject([
      { id: task!.id, attempt: 2 },
    ]);
  });

  it('forgets finished tasks after a day, and nonces after their window, however many', async () => {
    const { storage } = await open();
    await enqueue(storage);
    const [task] = await storage.claimTasks(claim());
    await storage.transaction((tx) => task!.finish(tx));
    const nonces = Array.from({ length: 4500 }, (_, n) => ({ key: `n${n}`, until: at(n === 0 ? 2000 : 1000) }));
    const { event } = await import('./fixtures.ts');
    await Promise.all(nonces.map((nonce) => storage.journal({ event: event(), nonce })));
    await storage.prune(at(1000));
    // A forgotten nonce is new again, even by the old clock; one still inside its window is not.
    expect(await storage.journal({ event: event(), nonce: nonces[7]! })).toBe(true);
    expect(await storage.journal({ event: event(), nonce: nonces[4499]! })).toBe(true);
    expect(await storage.journal({ event: event(), nonce: nonces[0]! })).toBe(false);
    await storage.prune(at(2 * 86_400_000));
    expect(await storage.journal({ event: event(), nonce: nonces[0]! })).toBe(true);
  });
});
