import { expect, it } from 'vitest';
import { type EventField, InvalidCursor } from '../../src/domain/storage.ts';
import { describeStorages, TEST_START } from '../support/storage.ts';
import { ELSEWHERE, event, HERE, THING } from './fixtures.ts';

const LOOK = {
  account: HERE.account,
  start: new Date('2026-03-01T00:00:00Z'),
  end: new Date('2026-03-02T00:00:00Z'),
  direction: 'FORWARD',
  filters: [],
  limit: 1000,
} as const;

const nonce = (key: string) => ({ key, until: new Date(TEST_START.getTime() + 900_000) });

describeStorages('journal', (open) => {
  it('makes entries durable, in order', async () => {
    const { storage, reopen } = await open();
    const events = Array.from({ length: 2500 }, () => event());
    const accepted = await Promise.all(events.map((one) => storage.journal({ event: one })));
    expect(accepted.every(Boolean)).toBe(true);
    const found: string[] = [];
    const again = await reopen();
    for (let after: string | undefined; ; ) {
      const page = await again.lookupEvents({ ...LOOK, ...(after === undefined ? {} : { after }) });
      found.push(...page.events.map(({ eventId }) => eventId));
      if (page.next === undefined) break;
      after = page.next;
    }
    expect(found).toEqual(events.map(({ eventId }) => eventId));
  });

  it('accepts each nonce once, in one batch and over several, and writes nothing of a refused entry', async () => {
    const { storage, reopen } = await open();
    const add = (key: string) =>
      storage.journal({ event: event(), nonce: nonce(key), counts: [{ counter: 'c', by: 1 }] });
    expect(await Promise.all(['a', 'b', 'a', 'c', 'b', 'a'].map(add))).toEqual([true, true, false, true, false, false]);
    expect(await Promise.all(['c', 'd'].map(add))).toEqual([false, true]);
    const again = await reopen();
    expect(await again.journal({ event: event(), nonce: nonce('d') })).toBe(false);
    expect(await again.transaction((tx) => tx.useNonce(nonce('a')))).toBe(false);
    expect((await again.lookupEvents(LOOK)).events).toHaveLength(4);
    expect(await again.counter('c')).toBe(4);
  });

  it('adds counters up exactly', async () => {
    const { storage, reopen } = await open();
    expect(await storage.counter('a')).toBe(0);
    const entries = Array.from({ length: 300 }, (_, at) =>
      storage.journal({
        event: event(),
        counts: [
          { counter: 'a', by: 1 },
          { counter: `k${at % 3}`, by: 2 },
          { counter: 'a', by: 1 },
        ],
      }),
    );
    await entries[0];
    expect(await storage.counter('a')).toBeGreaterThanOrEqual(2);
    await Promise.all(entries);
    const values = () => Promise.all(['a', 'k0', 'k1', 'k2', 'no'].map((name) => storage.counter(name)));
    const least = await values();
    for (const [index, value] of [600, 200, 200, 200, 0].entries()) expect(least[index]).toBeGreaterThanOrEqual(value);
    if (!open.shared) expect(least).toEqual([600, 200, 200, 200, 0]);
    const again = await reopen();
    expect(await Promise.all(['a', 'k0', 'no'].map((name) => again.counter(name)))).toEqual([600, 200, 0]);
  });

  it('removes a counter together with what was counted, or not at all', async () => {
    const { storage, reopen } = await open();
    for (const counter of ['gone', 'kept']) await storage.journal({ event: event(), counts: [{ counter, by: 3 }] });
    const failed = storage.transaction(async (tx) => {
      await tx.removeCounter('kept');
      throw new Error('rolled back');
    });
    await expect(failed).rejects.toThrow('rolled back');
    await storage.transaction((tx) => tx.removeCounter('gone'));
    const again = await reopen();
    expect(await Promise.all(['gone', 'kept'].map((name) => again.counter(name)))).toEqual([0, 3]);
  });

  it('counts exactly while counters are asked for all the time', async () => {
    const { storage, reopen } = await open();
    for (let round = 0; round < 20; round++) {
      let durable = 0;
      await Promise.all(
        Array.from({ length: 15 }, async (_, at) => {
          const least = durable;
          if (at % 3 === 0) expect(await storage.counter(`c${round}`)).toBeGreaterThanOrEqual(least);
          await storage.journal({ event: event(), counts: [{ counter: `c${round}`, by: 1 }] });
          durable += 1;
        }),
      );
      // Every round has a counter of its own, first read while it is first increased.
      const value = await storage.counter(`c${round}`);
      if (open.shared) expect(value).toBeGreaterThanOrEqual(15);
      else expect(value).toBe(15);
    }
    expect(await (await reopen()).counter('c7')).toBe(15);
  });

  it('gets its turn beside a queue of transactions', async () => {
    const { storage } = await open();
    if (open.shared) {
      // The journal has a connection of its own: an open transaction does not stop it.
      await storage.transaction(async (tx) => {
        await tx.insert(THING, HERE, { id: 'a' });
        expect(await storage.journal({ event: event() })).toBe(true);
      });
      return;
    }
    const queue = Array.from({ length: 20 }, () => storage.transaction(async () => {}));
    expect(await storage.journal({ event: event() })).toBe(true);
    await Promise.all(queue);
  });

  it('rejects all of a batch that cannot be written', async () => {
    const { storage } = await open();
    const bad = { ...event(), eventTime: 'never' };
    const outcomes = await Promise.allSettled([
      storage.journal({ event: event() }),
      storage.journal({ event: bad }),
      storage.journal({ event: event(), nonce: nonce('a') }),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect((await storage.lookupEvents(LOOK)).events).toEqual([]);
    expect(await storage.journal({ event: event(), nonce: nonce('a') })).toBe(true);
  });

  it('refuses entries when its queue is full', async () => {
    const { storage } = await open();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 21_500 }, () => storage.journal({ event: event() })),
    );
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThanOrEqual(1500);
    expect(refused[0]!.reason).toMatchObject({ name: 'StorageOverloaded' });
    expect(await storage.journal({ event: event() })).toBe(true);
  });

  it('takes whatever clients send', async () => {
    const { storage } = await open();
    const odd = ['nul\0', '\ud800', 'x'.repeat(5000), `${'x'.repeat(4999)}y`, '\u4e2d'.repeat(3000)];
    await Promise.all(odd.map((resourceName) => storage.journal({ event: event({ resourceName }) })));
    await storage.transaction((tx) => tx.audit(event({ resourceName: 'nul\0' })));
    for (const value of odd) {
      const { events } = await storage.lookupEvents({ ...LOOK, filters: [{ field: 'ResourceName', value }] });
      expect(events.map(({ resourceName }) => resourceName)).toEqual(Array(value === 'nul\0' ? 2 : 1).fill(value));
    }
  });
});

describeStorages('lookupEvents', (open) => {
  const role = {
    type: 'assumed-role',
    principalId: '3:session',
    accountId: HERE.account,
    accessKeyId: 'STS.x',
    userName: 'thatrole:session',
  } as const;
  const special = event({
    serviceName: 'Ram',
    eventName: 'CreateRole',
    eventRW: 'Write',
    eventType: 'AliyunServiceEvent',
    resourceType: 'ACS::RAM::Role',
    resourceName: 'r1',
    sourceIpAddress: 'Internal',
    userIdentity: role,
  });
  const filters: Readonly<Record<EventField, string>> = {
    ServiceName: 'Ram',
    EventName: 'CreateRole',
    User: 'thatrole:session',
    EventId: special.eventId,
    ResourceType: 'ACS::RAM::Role',
    ResourceName: 'r1',
    EventRW: 'Write',
    EventAccessKeyId: 'STS.x',
    EventType: 'AliyunServiceEvent',
    RoleName: 'thatrole',
    PrincipalId: '3:session',
    SourceIpAddress: 'Internal',
  };

  it('filters by each attribute, exactly and case-sensitively, all of them together', async () => {
    const { storage } = await open();
    await storage.journal({ event: event() });
    await storage.journal({ event: special });
    const look = (...wanted: [EventField, string][]) =>
      storage.lookupEvents({ ...LOOK, filters: wanted.map(([field, value]) => ({ field, value })) });
    for (const [field, value] of Object.entries(filters) as [EventField, string][]) {
      expect((await look([field, value])).events, field).toEqual([special]);
      expect((await look([field, value.slice(0, -1)])).events, field).toEqual([]);
      const other = value === value.toUpperCase() ? value.toLowerCase() : value.toUpperCase();
      if (other !== value) expect((await look([field, other])).events, field).toEqual([]);
    }
    expect((await look(['ServiceName', 'Ram'], ['EventName', 'CreateRole'])).events).toEqual([special]);
    expect((await look(['ServiceName', 'Ram'], ['EventName', 'Encrypt'])).events).toEqual([]);
  });

  it.each(['FORWARD', 'BACKWARD'] as const)('pages %s by time and then by arrival', async (direction) => {
    const { storage } = await open();
    const seconds = [5, 1, 3, 3, 3, 2, 9, 3, 0, 3];
    const events = seconds.map((second) => event({ eventTime: `2026-03-01T08:00:0${second}Z` }));
    for (const one of events) await storage.journal({ event: one });
    await storage.journal({ event: event({ recipientAccountId: ELSEWHERE.account }) });
    const inOrder = events.toSorted((a, b) => (a.eventTime < b.eventTime ? -1 : a.eventTime > b.eventTime ? 1 : 0));
    const wanted = inOrder
      .filter(({ eventTime }) => eventTime >= '2026-03-01T08:00:01Z' && eventTime <= '2026-03-01T08:00:05Z')
      .map(({ eventId }) => eventId);
    if (direction === 'BACKWARD') wanted.reverse();
    for (const limit of [1, 2, 3, 8, 50]) {
      const found: string[] = [];
      let after: string | undefined;
      do {
        const page = await storage.lookupEvents({
          account: HERE.account,
          start: new Date('2026-03-01T08:00:01Z'),
          end: new Date('2026-03-01T08:00:05Z'),
          direction,
          filters: [],
          limit,
          ...(after === undefined ? {} : { after }),
        });
        expect(page.events.length).toBeLessThanOrEqual(limit);
        found.push(...page.events.map(({ eventId }) => eventId));
        after = page.next;
      } while (after !== undefined);
      expect(found, `limit ${limit}`).toEqual(wanted);
    }
  });

  it.each(['', 'x', 'MS4y.', '../', Buffer.from('1.2.3').toString('base64url')])(
    'refuses the cursor %j',
    async (after) => {
      const { storage } = await open();
      await expect(storage.lookupEvents({ ...LOOK, after })).rejects.toThrow(InvalidCursor);
    },
  );
});
