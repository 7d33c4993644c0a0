import { expect, it } from 'vitest';
import { StorageBusy, type Transaction } from '../../src/domain/storage.ts';
import { describeStorages, TEST_START } from '../support/storage.ts';
import { ELSEWHERE, event, HERE, THERE, THING } from './fixtures.ts';

const LOOK = {
  account: HERE.account,
  start: new Date(0),
  end: new Date('2030-01-01T00:00:00Z'),
  direction: 'FORWARD',
  filters: [],
  limit: 50,
} as const;

describeStorages('transactions', (open) => {
  it('sees its own writes while others do not', async () => {
    const { storage } = await open();
    await storage.transaction(async (tx) => {
      await tx.insert(THING, HERE, { id: 'a', name: 'n', tags: ['x'] });
      expect(await tx.get(THING, HERE, 'a')).toBeDefined();
      expect(await tx.find(THING, HERE, 'name', 'n')).toBeDefined();
      expect(await tx.count(THING, HERE, { index: 'tag', value: 'x' })).toBe(1);
      expect(await tx.everywhere(THING, undefined)).toHaveLength(1);
      expect(await tx.list(THING, HERE)).toHaveLength(1);
      expect(await storage.reader.get(THING, HERE, 'a')).toBeUndefined();
      expect(await storage.reader.count(THING, HERE)).toBe(0);
    });
    expect(await storage.reader.get(THING, HERE, 'a')).toBeDefined();
  });

  it('rolls everything back when the work throws', async () => {
    const { storage } = await open();
    const effects: string[] = [];
    const nonce = { key: 'k', until: new Date('2026-03-01T09:00:00Z') };
    const work = storage.transaction(async (tx) => {
      await tx.insert(THING, HERE, { id: 'a', tags: ['x'] });
      await tx.audit(event());
      await tx.enqueue({ type: 't', place: HERE, payload: {} });
      await tx.useNonce(nonce);
      tx.afterCommit(() => effects.push('ran'));
      throw new Error('no');
    });
    await expect(work).rejects.toThrow('no');
    expect(await storage.reader.count(THING, HERE)).toBe(0);
    expect(await storage.reader.count(THING, HERE, { index: 'tag', value: 'x' })).toBe(0);
    expect((await storage.lookupEvents(LOOK)).events).toEqual([]);
    expect(await storage.nextTaskDue()).toBeUndefined();
    expect(effects).toEqual([]);
    expect(await storage.transaction((tx) => tx.useNonce(nonce))).toBe(true);
  });

  it('commits records, events, tasks and nonces together, and outlives closing', async () => {
    const { storage, reopen } = await open();
    const nonce = { key: 'k', until: new Date('2026-03-01T09:00:00Z') };
    const made = event({ requestParameters: { note: '\u0000\ud800' } });
    await storage.transaction(async (tx) => {
      await tx.insert(THING, HERE, { id: 'a' });
      await tx.audit(made);
      await tx.enqueue({ type: 't', place: HERE, payload: { a: [1] } });
      expect(await tx.useNonce(nonce)).toBe(true);
      expect(await tx.useNonce(nonce)).toBe(false);
    });
    const again = await reopen();
    expect(await again.reader.get(THING, HERE, 'a')).toEqual({ id: 'a' });
    expect((await again.lookupEvents(LOOK)).events).toEqual([JSON.parse(JSON.stringify(made))]);
    expect(await again.nextTaskDue()).toEqual(new Date(0));
    expect(await again.journal({ event: event(), nonce })).toBe(false);
  });

  it('runs one at a time, in order of arrival', async () => {
    const { storage } = await open();
    const log: string[] = [];
    await storage.transaction((tx) => tx.insert(THING, HERE, { id: 'n', size: 0 }));
    await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        storage.transaction(async (tx) => {
          log.push(`in ${at}`);
          const { size } = (await tx.get(THING, HERE, 'n'))!;
          await tx.update(THING, HERE, { id: 'n', size: size! + 1 });
          log.push(`out ${at}`);
        }),
      ),
    );
    expect(log).toEqual(Array.from({ length: 20 }, (_, at) => [`in ${at}`, `out ${at}`]).flat());
    expect(await storage.reader.get(THING, HERE, 'n')).toEqual({ id: 'n', size: 20 });
  });

  it('gives up waiting for its turn', async () => {
    const { storage } = await open({ transactionWaitMs: 50 });
    let end = () => {};
    const held = storage.transaction(() => new Promise<void>((resolve) => (end = resolve)));
    await expect(storage.transaction(async () => {})).rejects.toThrow(StorageBusy);
    end();
    await held;
    await storage.transaction(async () => {});
  });

  it('rolls back a transaction that takes too long, and goes on', async () => {
    const { storage } = await open({ transactionLimitMs: 1_000 });
    let late: Transaction | undefined;
    const stuck = storage.transaction(async (tx) => {
      late = tx;
      await tx.insert(THING, HERE, { id: 'a' });
      await new Promise(() => {});
    });
    await expect(stuck).rejects.toThrow(StorageBusy);
    await expect(late!.insert(THING, HERE, { id: 'b' })).rejects.toThrow('has ended');
    await expect(late!.get(THING, HERE, 'b')).rejects.toThrow('has ended');
    await storage.transaction((tx) => tx.insert(THING, HERE, { id: 'c' }));
    expect((await storage.reader.list(THING, HERE)).map(({ id }) => id)).toEqual(['c']);
  });

  it('runs verbs that are not waited for one after the other', async () => {
    const { storage } = await open();
    const outcomes = await storage.transaction((tx) =>
      Promise.allSettled([
        tx.insert(THING, HERE, { id: 'a', name: 'n' }),
        tx.insert(THING, HERE, { id: 'b', name: 'n' }),
        tx.update(THING, HERE, { id: 'a', name: 'm' }),
        tx.insert(THING, HERE, { id: 'c', name: 'n' }),
      ]),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
  });

  it('waits for verbs nobody waited for before it commits', async () => {
    const { storage } = await open();
    await storage.transaction(async (tx) => {
      void tx.insert(THING, HERE, { id: 'a' });
    });
    expect(await storage.reader.get(THING, HERE, 'a')).toBeDefined();
  });

  it('runs effects after the commit, in order, when caches are fresh; a failing one stops nothing', async () => {
    const reported: string[] = [];
    const { storage } = await open({ report: (what) => reported.push(what) });
    await storage.transaction((tx) => tx.insert(THING, HERE, { id: 'a', size: 1 }));
    await storage.reader.get(THING, HERE, 'a');
    const seen: unknown[] = [];
    await storage.transaction(async (tx) => {
      tx.afterCommit(() => seen.push(storage.reader.get(THING, HERE, 'a')));
      tx.afterCommit(() => {
        throw new Error('effect');
      });
      tx.afterCommit(() => seen.push('second'));
      await tx.update(THING, HERE, { id: 'a', size: 2 });
    });
    expect(await Promise.all(seen)).toEqual([{ id: 'a', size: 2 }, 'second']);
    expect(reported).toEqual(['an effect after a commit failed']);
  });

  it('keeps memos until a record of the group changes in the account', async () => {
    const { storage } = await open();
    let loads = 0;
    const memo = (group: string, account: string) =>
      storage.reader.memo(group, account, 'k', async (reader) => {
        loads += 1;
        return (await reader.list(THING, HERE)).length;
      });
    expect([await memo('test', HERE.account), await memo('test', HERE.account), loads]).toEqual([0, 0, 1]);
    await storage.transaction((tx) => tx.insert(THING, ELSEWHERE, { id: 'a' }));
    await storage.transaction((tx) => tx.insert({ ...THING, kind: 'test.far', group: 'far' }, HERE, { id: 'a' }));
    await storage.transaction((tx) => tx.audit(event()));
    expect([await memo('test', HERE.account), loads]).toEqual([0, 1]);
    await storage.transaction((tx) => tx.insert(THING, HERE, { id: 'a' }));
    expect([await memo('test', HERE.account), loads]).toEqual([1, 2]);
    await storage.transaction((tx) => tx.update(THING, HERE, { id: 'a', size: 1 }));
    expect([await memo('test', HERE.account), loads]).toEqual([1, 3]);
    await storage.transaction((tx) => tx.insert(THING, THERE, { id: 'b' }));
    expect([await memo('test', HERE.account), loads]).toEqual([1, 4]);
    await storage.transaction((tx) => tx.remove(THING, HERE, 'a'));
    expect([await memo('test', HERE.account), loads]).toEqual([0, 5]);
  });

  it('keeps no memo inside a transaction', async () => {
    const { storage } = await open();
    const count = (reader: Pick<Transaction, 'memo'>) =>
      reader.memo('test', HERE.account, 'k', (inner) => inner.count(THING, HERE));
    expect(await count(storage.reader)).toBe(0);
    await expect(
      storage.transaction(async (tx) => {
        await tx.insert(THING, HERE, { id: 'a' });
        expect(await count(tx)).toBe(1);
        await tx.insert(THING, HERE, { id: 'b' });
        expect(await count(tx)).toBe(2);
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect(await count(storage.reader)).toBe(0);
  });

  it('lets a nonce be used again once its window has passed', async () => {
    const { storage, wall } = await open();
    const nonce = { key: 'k', until: new Date(TEST_START.getTime() + 1000) };
    expect(await storage.transaction((tx) => tx.useNonce(nonce))).toBe(true);
    expect(await storage.transaction((tx) => tx.useNonce(nonce))).toBe(false);
    wall.now = new Date(TEST_START.getTime() + 1000);
    expect(await storage.transaction((tx) => tx.useNonce(nonce))).toBe(true);
  });

  it('refuses calls once closed, and finishes those under way', async () => {
    const { storage } = await open();
    const under = storage.transaction((tx) => tx.insert(THING, HERE, { id: 'a' }));
    const journalled = storage.journal({ event: event() });
    const closed = storage.close();
    await expect(storage.transaction(async () => {})).rejects.toThrow('closed');
    await expect(storage.journal({ event: event() })).rejects.toThrow('closed');
    await under;
    expect(await journalled).toBe(true);
    await closed;
    await expect(storage.ping()).rejects.toThrow();
  });
});
