import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { StorageDown } from '../../src/domain/storage.ts';
import { Fault } from '../../src/errors/fault.ts';
import { clientToken, flag, text } from '../../src/schema/fields.ts';
import { out } from '../../src/schema/output.ts';
import { type Bench, MARKS, openBench, writes } from './support.ts';

const told: string[] = [];
let during: Record<string, () => unknown> = {};
let nameCount = 0;
const freshName = () => `n${nameCount++}`;
const refused = () => {
  throw new Fault('Rejected.LimitExceeded', 400, 'no more');
};

const common = {
  product: 'Kms',
  origin: 'extension',
  title: 'For tests.',
  permissions: 'none',
  throttle: 'management',
  errors: [],
} as const;

/** Asks to be told in `prepare` and in `handle`. */
const Work = writes({
  ...common,
  name: 'Work',
  input: { Name: text({ doc: '', required: true }), ClientToken: clientToken() },
  output: { Made: out.text('') },
  prepare: async (ctx, input) => {
    ctx.onEnd((end) => {
      told.push(`prepare ${input.Name} ${end}`);
    });
    await during.prepare?.();
  },
  handle: async (ctx, input) => {
    ctx.onEnd(async (end) => {
      told.push(`handle ${input.Name} ${end}`);
      await during.end?.();
    });
    await ctx.tx.insert(MARKS, ctx.place, { name: input.Name });
    await during.handle?.();
    return { Made: input.Name };
  },
});

/** Does Work inside its own transaction. */
const Around = writes({
  ...common,
  name: 'Around',
  input: { Name: text({ doc: '', required: true }), Catch: flag({ doc: '' }) },
  output: {},
  calls: [{ product: 'Kms', name: 'Work', when: 'always' }],
  handle: async (ctx, input) => {
    try {
      await ctx.call('Kms', 'Work', { Name: input.Name });
    } catch (error) {
      if (input.Catch !== true) throw error;
    }
    told.push('inner is over');
    await during.around?.();
    return {};
  },
});

let bench: Bench;
let logged: string[];
let atCommit: () => void = () => {};
beforeAll(async () => {
  bench = await openBench([Work, Around], ({ storage }) => ({
    log: { error: (_, message) => logged.push(message), warn: () => {}, info: () => {} },
    storage: {
      ...storage,
      transaction: (work) =>
        storage.transaction(async (tx) => {
          const result = await work(tx);
          atCommit();
          return result;
        }),
    },
  }));
});
afterAll(() => bench.close());
beforeEach(() => {
  told.length = 0;
  logged = [];
  during = {};
  atCommit = () => {};
});

describe('the end of a write is told', () => {
  it('as committed, last registered first, before the caller is', async () => {
    expect(await bench.run(Work, { parameters: { Name: 'a' } })).toMatchObject({ code: 'OK' });
    expect(told).toEqual(['handle a committed', 'prepare a committed']);
  });

  it.each([
    ['the outside work', 'prepare', ['prepare b undone']],
    ['the handler', 'handle', ['handle b undone', 'prepare b undone']],
  ])('as undone when %s fails', async (_, step, expected) => {
    during[step] = refused;
    expect(await bench.run(Work, { parameters: { Name: 'b' } })).toMatchObject({ code: 'Rejected.LimitExceeded' });
    expect(told).toEqual(expected);
  });

  it('as unknown when the database is lost at the commit', async () => {
    atCommit = () => {
      throw new StorageDown('lost');
    };
    expect(await bench.run(Work, { parameters: { Name: freshName() } })).toMatchObject({
      code: 'ServiceUnavailableTemporary',
    });
    expect(told.every((line) => line.endsWith('unknown'))).toBe(true);
    expect(told).toHaveLength(2);
  });

  it('as undone to outside work that another call with the same token has done', async () => {
    const parameters = { Name: freshName(), ClientToken: freshName() };
    let go = (): void => {};
    const both = new Promise<void>((resolve) => {
      go = resolve;
    });
    let inside = 0;
    during.prepare = () => {
      inside += 1;
      if (inside === 2) go();
      return both;
    };
    const outcomes = await Promise.all([bench.run(Work, { parameters }), bench.run(Work, { parameters })]);
    expect(outcomes.map(({ code }) => code)).toEqual(['OK', 'OK']);
    expect(told.filter((line) => line.startsWith('prepare')).sort()).toEqual([
      `prepare ${parameters.Name} committed`,
      `prepare ${parameters.Name} undone`,
    ]);
  });

  it('and what follows cannot change it', async () => {
    during.end = () => {
      throw new Error('broken');
    };
    expect(await bench.run(Work, { parameters: { Name: 'c' } })).toMatchObject({ code: 'OK' });
    expect(told).toEqual(['handle c committed', 'prepare c committed']);
    expect(logged).toEqual(['what follows the end of a call failed']);
  });
});

describe('the end of a write inside another', () => {
  it.each([
    ['commits', () => {}, 'committed'],
    ['fails', refused, 'undone'],
  ])('is the end of the outer one, which %s', async (_, around, end) => {
    during.around = around;
    const Name = freshName();
    await bench.run(Around, { parameters: { Name } });
    expect(told).toEqual(['inner is over', `handle ${Name} ${end}`, `prepare ${Name} ${end}`]);
  });

  it('that did nothing is told at once', async () => {
    during.prepare = refused;
    expect(await bench.run(Around, { parameters: { Name: 'd', Catch: 'true' } })).toMatchObject({ code: 'OK' });
    expect(told).toEqual(['prepare d undone', 'inner is over']);
  });
});
