import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { StorageDown } from '../../src/domain/storage.ts';
import { Fault } from '../../src/errors/fault.ts';
import type { Caller } from '../../src/operation/context.ts';
import type { Permission } from '../../src/operation/operation.ts';
import { clientToken, dryRun, flag, secretText, text } from '../../src/schema/fields.ts';
import { out } from '../../src/schema/output.ts';
import { type Bench, MARKS, nonceOf, openBench, reads, writes } from './support.ts';

/** What the steps of the last call were, in order. */
const steps: string[] = [];
/** What the operations under test do besides. */
let during: Record<string, () => unknown> = {};
const at = async (step: string): Promise<void> => {
  steps.push(step);
  await during[step]?.();
};

const permission: Permission<unknown, unknown> = {
  action: 'kms:Test',
  resource: 'acs:kms:{region}:{account}:test',
  arns: ({ ctx }) => {
    steps.push('authorise');
    return `acs:kms:${ctx.region}:${ctx.account}:test`;
  },
};
const common = {
  product: 'Kms',
  origin: 'extension',
  title: 'For tests.',
  permissions: [permission],
  guards: [{ errors: ['Rejected.Disabled'], doc: '', check: () => at('guard') }],
  throttle: 'management',
  resolve: async () => at('resolve'),
} as const;

const Look = reads({
  ...common,
  name: 'Look',
  input: { Name: text({ doc: '', max: 8 }), Hidden: secretText({ doc: '' }), DryRun: dryRun() },
  output: { Said: out.text('') },
  errors: ['Rejected.LimitExceeded'],
  handle: async (ctx, input) => {
    await at('handle');
    ctx.count('looks', 1);
    return { Said: input.Name ?? '' };
  },
});

const Make = writes({
  ...common,
  name: 'Make',
  input: {
    Name: text({ doc: '', required: true, max: 8 }),
    Hidden: secretText({ doc: '' }),
    ClientToken: clientToken(),
    DryRun: dryRun(),
  },
  output: { Made: out.text(''), Secret: out.secret(''), Items: out.plainTextList('', 'Item') },
  errors: ['Rejected.LimitExceeded', 'Rejected.ResourceExist'],
  handle: async (ctx, input) => {
    if ((await ctx.tx.get(MARKS, ctx.place, input.Name)) !== undefined) throw ctx.fail('Rejected.ResourceExist');
    await ctx.tx.insert(MARKS, ctx.place, { name: input.Name });
    await ctx.tx.enqueue({ type: 'test.none', place: ctx.place, payload: {}, due: new Date(Date.now() + 1e9) });
    ctx.refer('ACS::Test::Mark', input.Name);
    await at('handle');
    return { Made: input.Name, Secret: 'answer-canary', Items: ['one'] };
  },
});

const MakeOutside = writes({
  ...common,
  name: 'MakeOutside',
  input: { Name: text({ doc: '', required: true }), ClientToken: clientToken(), DryRun: dryRun() },
  output: { Made: out.text('') },
  errors: [],
  prepare: async () => {
    await at('prepare');
    return 'prepared';
  },
  handle: async (ctx, input, _, prepared) => {
    await at('handle');
    await ctx.tx.insert(MARKS, ctx.place, { name: input.Name });
    return { Made: prepared };
  },
});

/** Makes `Name` and calls Make for `Inner`. */
const MakeBoth = writes({
  ...common,
  name: 'MakeBoth',
  input: {
    Name: text({ doc: '', required: true }),
    Inner: text({ doc: '', required: true }),
    Catch: flag({ doc: '' }),
  },
  output: {},
  calls: [
    { product: 'Kms', name: 'Make', when: 'always' },
    { product: 'Kms', name: 'See', when: 'always' },
  ],
  errors: [],
  handle: async (ctx, input) => {
    await ctx.tx.insert(MARKS, ctx.place, { name: input.Name });
    try {
      await ctx.call('Kms', 'Make', { Name: input.Inner });
    } catch (error) {
      if (input.Catch !== true) throw error;
    }
    await ctx.call('Kms', 'See', {});
    await at('after inner');
    return {};
  },
});

const See = reads({
  ...common,
  name: 'See',
  permissions: 'none',
  input: {},
  output: { Count: out.integer('') },
  errors: [],
  handle: async (ctx) => ({ Count: await ctx.read.count(MARKS, ctx.place) }),
});

/** A read that makes something through another operation. */
const SeeThrough = reads({
  ...common,
  name: 'SeeThrough',
  permissions: 'none',
  input: {},
  output: { Made: out.text('') },
  calls: [{ product: 'Kms', name: 'Make', when: 'always' }],
  errors: [],
  handle: async (ctx) => ({ Made: String((await ctx.call('Kms', 'Make', { Name: 'through' })).Made) }),
});

/** Makes something behind its declaration's back. */
const SeeUndeclared = reads({
  ...common,
  name: 'SeeUndeclared',
  permissions: 'none',
  input: {},
  output: {},
  errors: [],
  handle: async (ctx) => {
    await ctx.call('Kms', 'Make', { Name: 'undeclared' });
    return {};
  },
});

const OPERATIONS = [Look, Make, MakeOutside, MakeBoth, See, SeeThrough, SeeUndeclared];
const ERRORS_LOGGED: unknown[] = [];
let bench: Bench;
let nobody: Caller;
let nameCount = 0;
const freshName = () => `n${nameCount++}`;

beforeAll(async () => {
  bench = await openBench(OPERATIONS, () => ({
    log: { error: (fields, message) => ERRORS_LOGGED.push({ fields, message }), warn: () => {}, info: () => {} },
  }));
  nobody = await bench.user('nobody');
});
afterAll(() => bench.close());
beforeEach(() => {
  steps.length = 0;
  ERRORS_LOGGED.length = 0;
  during = {};
});

describe('the order of steps', () => {
  it.each([
    [Look, {}, ['resolve', 'authorise', 'guard', 'handle']],
    [Make, { Name: 'order' }, ['resolve', 'authorise', 'guard', 'handle']],
    [
      MakeOutside,
      { Name: 'order-2' },
      ['resolve', 'authorise', 'guard', 'prepare', 'resolve', 'authorise', 'guard', 'handle'],
    ],
  ])('of $name', async (operation, parameters, expected) => {
    expect(await bench.run(operation, { parameters })).toMatchObject({ code: 'OK' });
    expect(steps).toEqual(expected);
  });

  it('checks the parameters before it looks anything up, and says so in an event', async () => {
    const { code, requestId } = await bench.run(Make);
    expect(code).toBe('MissingParameter');
    expect(steps).toEqual([]);
    expect(await bench.events(requestId)).toMatchObject([{ errorCode: 'MissingParameter' }]);
  });

  it.each([Look, Make, MakeOutside])('lets nobody into $name without permission', async (operation) => {
    const { code, fault, requestId } = await bench.run(operation, { caller: nobody, parameters: { Name: 'forbid' } });
    expect(code).toBe('Forbidden.NoPermission');
    expect(fault!.detail).toMatchObject({ AuthAction: 'kms:Test', NoPermissionType: 'ImplicitDeny' });
    expect(steps).toEqual(['resolve', 'authorise']);
    expect(await bench.marks()).not.toContain('forbid');
    expect(await bench.events(requestId)).toMatchObject([
      { eventName: operation.name, errorCode: 'Forbidden.NoPermission', userIdentity: { userName: 'nobody' } },
    ]);
  });

  it('judges again inside the transaction what may have changed during prepare', async () => {
    let round = 0;
    during.guard = () => {
      round += 1;
      if (round === 2) throw new Fault('Rejected.Disabled', 409, 'changed meanwhile');
    };
    expect(await bench.run(MakeOutside, { parameters: { Name: 'late' } })).toMatchObject({ code: 'Rejected.Disabled' });
    expect(steps).not.toContain('handle');
    expect(await bench.marks()).not.toContain('late');
  });
});

describe('a read', () => {
  it('is answered only when its event is durable', async () => {
    const { requestId } = await bench.run(Look, { parameters: { Name: 'x' } });
    const [event] = await bench.events(requestId);
    expect(event).toMatchObject({ eventName: 'Look', eventRW: 'Read', requestParameters: { Name: 'x' } });
    expect(event).not.toHaveProperty('errorCode');
    expect(event).not.toHaveProperty('responseElements');
  });

  it('is refused when its event cannot be written', async () => {
    const journal = vi.spyOn(bench.coffer.storage, 'journal').mockRejectedValue(new Error('disk full'));
    try {
      expect(await bench.run(Look)).toMatchObject({ code: 'InternalFailure', answer: undefined });
    } finally {
      journal.mockRestore();
    }
    expect(ERRORS_LOGGED).toContainEqual(expect.objectContaining({ message: 'event not written' }));
  });

  it.each([
    [Look, 'journal'],
    [Make, 'transaction'],
  ] as const)('$0.name is told of in one line when the database is down', async (operation, broken) => {
    const down = new StorageDown('the disk is full');
    const spies = (['journal', 'transaction'] as const).map((way) =>
      vi.spyOn(bench.coffer.storage, way).mockRejectedValue(down),
    );
    const parameters = { Name: freshName() };
    try {
      expect(await bench.run(operation, { parameters })).toMatchObject({ code: 'ServiceUnavailableTemporary' });
      expect(ERRORS_LOGGED).toMatchObject([
        { message: 'event not written', fields: { operation: operation.name, err: down } },
      ]);
    } finally {
      for (const spy of spies) spy.mockRestore();
    }
    ERRORS_LOGGED.length = 0;
    const once = vi.spyOn(bench.coffer.storage, broken).mockRejectedValueOnce(down);
    try {
      const { code, requestId } = await bench.run(operation, { parameters });
      expect(code).toBe('ServiceUnavailableTemporary');
      expect(ERRORS_LOGGED).toMatchObject([{ message: 'call failed', fields: { err: down } }]);
      expect(await bench.events(requestId)).toMatchObject([{ errorCode: 'ServiceUnavailableTemporary' }]);
    } finally {
      once.mockRestore();
    }
  });

  it('counts with its event, and not when it is a replay', async () => {
    const before = await bench.coffer.storage.counter('looks');
    const nonce = nonceOf('read');
    expect(await bench.run(Look, { nonce })).toMatchObject({ code: 'OK' });
    const replay = await bench.run(Look, { nonce });
    expect(replay).toMatchObject({ code: 'SignatureNonceUsed', answer: undefined });
    expect(await bench.events(replay.requestId)).toMatchObject([{ errorCode: 'SignatureNonceUsed' }]);
    expect(await bench.coffer.storage.counter('looks')).toBe(before + 1);
  });

  it('may call others, each on its own', async () => {
    const { code, requestId } = await bench.run(SeeThrough);
    expect(code).toBe('OK');
    expect(await bench.marks()).toContain('through');
    const names = (await bench.events(requestId)).map((event) => event.eventName);
    expect(names.sort()).toEqual(['Make', 'SeeThrough']);
  });

  it('may call no operation that its declaration does not name', async () => {
    const { code } = await bench.run(SeeUndeclared);
    expect(code).toBe('InternalFailure');
    expect(await bench.marks()).not.toContain('undeclared');
  });
});

describe('a write', () => {
  const tasks = async () =>
    (
      await bench.coffer.storage.claimTasks({
        now: new Date(Date.now() + 2e9),
        wall: new Date(),
        leaseMs: 0,
        limit: 1000,
      })
    ).length;

  it('leaves record, event and task together', async () => {
    const before = await tasks();
    const Name = freshName();
    const { requestId } = await bench.run(Make, { parameters: { Name } });
    expect(await bench.marks()).toContain(Name);
    expect(await tasks()).toBe(before + 1);
    expect(await bench.events(requestId)).toMatchObject([
      { eventName: 'Make', eventRW: 'Write', responseElements: { Made: Name }, resourceName: Name },
    ]);
  });

  it.each([
    ['a fault', new Fault('Rejected.LimitExceeded', 400, 'no more'), 'Rejected.LimitExceeded'],
    ['something unexpected', new TypeError('secret of the house'), 'InternalFailure'],
  ])('leaves only the event of its refusal when its handler ends late in %s', async (_, thrown, code) => {
    const before = await tasks();
    during.handle = () => {
      throw thrown;
    };
    const Name = freshName();
    const outcome = await bench.run(Make, { parameters: { Name } });
    expect(outcome).toMatchObject({ code });
    expect(outcome.fault!.message).not.toContain('secret of the house');
    expect(await bench.marks()).not.toContain(Name);
    expect(await tasks()).toBe(before);
    expect(await bench.events(outcome.requestId)).toMatchObject([{ errorCode: code }]);
  });

  it('is undone when its event cannot be written', async () => {
    const Name = freshName();
    const { storage } = bench.coffer;
    const real = storage.transaction.bind(storage);
    const spy = vi.spyOn(storage, 'transaction').mockImplementation((work) =>
      real((tx) =>
        work({
          ...tx,
          audit: async () => {
            throw new Error('disk full');
          },
        }),
      ),
    );
    const outcome = await bench.run(Make, { parameters: { Name } }).finally(() => spy.mockRestore());
    expect(outcome).toMatchObject({ code: 'InternalFailure' });
    expect(await bench.marks()).not.toContain(Name);
    expect(await bench.events(outcome.requestId)).toMatchObject([{ errorCode: 'InternalFailure' }]);
  });

  it.each([
    ['done', {}],
    ['refused before its handler', { ClientToken: 'x'.repeat(65) }],
    ['forbidden', { caller: 'nobody' }],
  ])(
    'replayed after being %s is refused as a replay, with an event',
    async (_, { caller, ...parameters }: Record<string, string>) => {
      const nonce = nonceOf(freshName());
      const attempt = {
        nonce,
        parameters: { Name: freshName(), ...parameters },
        ...(caller ? { caller: nobody } : {}),
      };
      await bench.run(Make, attempt);
      const replay = await bench.run(Make, attempt);
      expect(replay).toMatchObject({ code: 'SignatureNonceUsed' });
      expect(await bench.events(replay.requestId)).toMatchObject([{ errorCode: 'SignatureNonceUsed' }]);
    },
  );

  it('does no outside work for a replay, also when the first try failed', async () => {
    const nonce = nonceOf('outside');
    during.handle = () => {
      throw new Fault('Rejected.LimitExceeded', 400, 'no more');
    };
    const parameters = { Name: freshName() };
    expect(await bench.run(MakeOutside, { nonce, parameters })).toMatchObject({ code: 'Rejected.LimitExceeded' });
    steps.length = 0;
    expect(await bench.run(MakeOutside, { nonce, parameters })).toMatchObject({ code: 'SignatureNonceUsed' });
    expect(steps).not.toContain('prepare');
  });
});

describe('a call by the caller inside a write', () => {
  it('shares the transaction; every call has an event of the same request', async () => {
    const [Name, Inner] = [freshName(), freshName()];
    const { code, requestId } = await bench.run(MakeBoth, { parameters: { Name, Inner } });
    expect(code).toBe('OK');
    expect(await bench.marks()).toEqual(expect.arrayContaining([Name, Inner]));
    const events = await bench.events(requestId);
    expect(events.map((event) => event.eventName).sort()).toEqual(['Make', 'MakeBoth', 'See']);
    expect(new Set(events.map((event) => event.eventId)).size).toBe(3);
  });

  it('bears the time of the request, so that the trail keeps the order of what happened', async () => {
    let seconds = 0;
    const ticking = await openBench(OPERATIONS, ({ clock }) => ({
      clock: { wall: () => clock.wall(), now: () => new Date(clock.wall().getTime() + 1000 * seconds++) },
    }));
    const { code, requestId } = await ticking.run(MakeBoth, { parameters: { Name: 'slow', Inner: 'second' } });
    expect(code).toBe('OK');
    const events = await ticking.events(requestId);
    expect(events.map((event) => event.eventName)).toEqual(['Make', 'See', 'MakeBoth']);
    await ticking.close();
  });

  it('is undone with the outer call, whose refusal is all that is told', async () => {
    const [Name, Inner] = [freshName(), freshName()];
    during['after inner'] = () => {
      throw new Fault('Rejected.LimitExceeded', 400, 'no more');
    };
    const { code, requestId } = await bench.run(MakeBoth, { parameters: { Name, Inner } });
    expect(code).toBe('Rejected.LimitExceeded');
    const marks = await bench.marks();
    expect(marks.includes(Name) || marks.includes(Inner)).toBe(false);
    expect(await bench.events(requestId)).toMatchObject([
      { eventName: 'MakeBoth', errorCode: 'Rejected.LimitExceeded' },
    ]);
  });

  it('leaves its refusal behind when the outer call fails for it', async () => {
    const { requestId, code } = await bench.run(MakeBoth, {
      parameters: { Name: freshName(), Inner: 'much too long' },
    });
    expect(code).toBe('InvalidParameter');
    const events = await bench.events(requestId);
    expect(events.map((event) => `${event.eventName} ${event.errorCode}`).sort()).toEqual([
      'Make InvalidParameter',
      'MakeBoth InvalidParameter',
    ]);
  });

  it('leaves its refusal behind when the outer call goes on without it', async () => {
    const parameters = { Name: freshName(), Inner: 'much too long', Catch: 'true' };
    const { requestId, code } = await bench.run(MakeBoth, { parameters });
    expect(code).toBe('OK');
    expect(await bench.marks()).toContain(parameters.Name);
    const events = await bench.events(requestId);
    expect(events.map((event) => `${event.eventName} ${event.errorCode ?? ''}`).sort()).toEqual([
      'Make InvalidParameter',
      'MakeBoth ',
      'See ',
    ]);
  });

  it('that failed half-way takes the outer call with it, caught or not', async () => {
    during.handle = () => {
      throw new Fault('Rejected.LimitExceeded', 400, 'after a change');
    };
    const parameters = { Name: freshName(), Inner: freshName(), Catch: 'true' };
    expect(await bench.run(MakeBoth, { parameters })).toMatchObject({ code: 'Rejected.LimitExceeded' });
    const marks = await bench.marks();
    expect(marks.includes(parameters.Name) || marks.includes(parameters.Inner)).toBe(false);
  });

  it('has the rights of the caller', async () => {
    const { code, requestId } = await bench.run(SeeThrough, { caller: nobody });
    expect(code).toBe('Forbidden.NoPermission');
    expect((await bench.events(requestId)).map((event) => event.errorCode)).toEqual([
      'Forbidden.NoPermission',
      'Forbidden.NoPermission',
    ]);
  });
});

describe('an idempotency token', () => {
  it('gets the first answer again, also when a guard would refuse by now', async () => {
    const parameters = { Name: freshName(), ClientToken: freshName() };
    const first = await bench.run(Make, { parameters });
    during.guard = () => {
      throw new Fault('Rejected.Disabled', 409, 'the first call changed that');
    };
    steps.length = 0;
    const second = await bench.run(Make, { parameters });
    expect(second).toMatchObject({ code: 'OK', answer: first.answer });
    expect(steps).not.toContain('handle');
    expect(await bench.events(second.requestId)).toMatchObject([
      { eventName: 'Make', responseElements: { Made: parameters.Name } },
    ]);
  });

  it('does its outside work once', async () => {
    const parameters = { Name: freshName(), ClientToken: freshName() };
    await bench.run(MakeOutside, { parameters });
    steps.length = 0;
    expect(await bench.run(MakeOutside, { parameters })).toMatchObject({ code: 'OK', answer: { Made: 'prepared' } });
    expect(steps).not.toContain('prepare');
  });

  it.each([
    ['another parameter', { Name: 'other' }],
    ['another secret', { Hidden: 'other' }],
  ])('with %s is refused', async (_, other) => {
    const parameters = { Name: freshName(), Hidden: 'one', ClientToken: freshName() };
    await bench.run(Make, { parameters });
    const outcome = await bench.run(Make, { parameters: { ...parameters, ...other } });
    expect(outcome).toMatchObject({ code: 'IdempotentParameterMismatch' });
  });

  it('means the same whatever else a client sends along', async () => {
    const parameters = { Name: freshName(), ClientToken: freshName() };
    await bench.run(Make, { parameters: { ...parameters, constructor: 'one', Other: 'one' } });
    const again = { ...parameters, constructor: 'two', Other: 'two' };
    expect(await bench.run(Make, { parameters: again })).toMatchObject({ code: 'OK' });
  });

  it('tells nothing to who lacks the permission', async () => {
    const parameters = { Name: freshName(), ClientToken: freshName() };
    await bench.run(Make, { parameters });
    expect(await bench.run(Make, { parameters, caller: nobody })).toMatchObject({ code: 'Forbidden.NoPermission' });
    const other = { ...parameters, Name: 'other' };
    expect(await bench.run(Make, { parameters: other, caller: nobody })).toMatchObject({
      code: 'Forbidden.NoPermission',
    });
  });

  it('makes one thing of twins that come at once', async () => {
    const parameters = { Name: freshName(), ClientToken: freshName() };
    const outcomes = await Promise.all([1, 2, 3, 4].map(() => bench.run(Make, { parameters })));
    expect(outcomes.map(({ code }) => code)).toEqual(['OK', 'OK', 'OK', 'OK']);
    expect(steps.filter((step) => step === 'handle')).toHaveLength(1);
  });

  it('is not spent by a refused call', async () => {
    const parameters = { Name: freshName(), ClientToken: freshName() };
    during.handle = () => {
      throw new Fault('Rejected.LimitExceeded', 400, 'no more');
    };
    await bench.run(Make, { parameters });
    during = {};
    expect(await bench.run(Make, { parameters })).toMatchObject({ code: 'OK' });
  });

  it('is forgotten after 24 hours, and old ones are swept out by new ones', async () => {
    const parameters = { Name: freshName(), ClientToken: freshName() };
    await bench.run(Make, { parameters });
    const kept = () =>
      bench.coffer.storage.reader.count(
        { kind: 'pipeline.idempotency', group: 'pipeline', schema: 1, id: () => '' },
        { account: bench.account, region: bench.coffer.config.region },
      );
    for (let n = 0; n < 30; n += 1)
      await bench.run(Make, { parameters: { Name: freshName(), ClientToken: `old${n}` } });
    const before = await kept();
    bench.advance(24 * 3_600_000 - 60_000);
    expect(await bench.run(Make, { parameters })).toMatchObject({ code: 'OK' });
    bench.advance(60_000);
    expect(await bench.run(Make, { parameters })).toMatchObject({ code: 'Rejected.ResourceExist' });
    for (let n = 0; n < 30; n += 1)
      await bench.run(Make, { parameters: { Name: freshName(), ClientToken: `new${n}` } });
    expect(await kept()).toBeLessThan(before + 15);
  });
});

describe('a dry run', () => {
  const parameters = { DryRun: 'TRUE', Name: 'dry' };
  it.each([Look, Make, MakeOutside])('of $name that would succeed says so and does nothing', async (operation) => {
    const { code, requestId } = await bench.run(operation, { parameters });
    expect(code).toBe('DryRunOperationError');
    expect(steps).toEqual(['resolve', 'authorise', 'guard']);
    expect(await bench.marks()).not.toContain('dry');
    expect(await bench.events(requestId)).toMatchObject([{ errorCode: 'DryRunOperationError' }]);
  });

  it('without permission', async () => {
    const { fault } = await bench.run(Look, { caller: nobody, parameters });
    expect(fault).toMatchObject({ code: 'AccessDeniedError', status: 403, detail: { AuthAction: 'kms:Test' } });
  });

  it.each([
    ['a parameter', { ...parameters, Name: 'much too long' }, () => {}],
    [
      'the state',
      parameters,
      () => {
        throw new Fault('Rejected.Disabled', 409, 'disabled');
      },
    ],
  ])('that %s stands against', async (_, sent, guard) => {
    during.guard = guard;
    expect(await bench.run(Make, { parameters: sent })).toMatchObject({ code: 'ValidationError' });
  });

  it('of a defect is a defect', async () => {
    during.guard = () => {
      throw new Error('defect');
    };
    expect(await bench.run(Make, { parameters })).toMatchObject({ code: 'InternalFailure' });
  });

  it('with DryRun=false is a call', async () => {
    const sent = { Name: freshName(), DryRun: 'false' };
    expect(await bench.run(Make, { parameters: sent })).toMatchObject({ code: 'OK' });
  });
});

it('keeps secrets, and what nobody declared, out of events', async () => {
  const canary = 'canary-3f9a';
  const parameters = {
    Name: freshName(),
    Hidden: canary,
    'Hidden.1': canary,
    Undeclared: canary,
    constructor: canary,
    toString: canary,
    __proto__x: canary,
  };
  const { requestId, answer } = await bench.run(Make, { parameters });
  expect(answer).toMatchObject({ Secret: 'answer-canary' });
  const event = JSON.stringify(await bench.events(requestId));
  expect(event).toContain(parameters.Name);
  expect(event).not.toContain('canary');
});

it('says in the events of a moved clock that it was moved', async () => {
  const { requestId } = await bench.run(See);
  const [event] = await bench.events(requestId);
  expect(event!.additionalEventData!.developmentClockOffsetSeconds).toBeGreaterThan(86_000);
});
