import { expect, it } from 'vitest';
import type { Transaction } from '../storage.ts';
import { InstanceClaims } from './claims.ts';

/** As much of a transaction as claims use: what runs after its commit. */
function committing(): { tx: Transaction; commit: () => void } {
  const effects: (() => void)[] = [];
  const tx = { afterCommit: (effect: () => void) => effects.push(effect) } as unknown as Transaction;
  return {
    tx,
    commit: () => {
      for (const effect of effects) effect();
    },
  };
}

const nothing = async (): Promise<string> => 'done';

it('lets one call at a time work on an HSM, until the first has committed', async () => {
  const claims = new InstanceClaims();
  let go = (): void => {};
  const first = claims.during(['a', 'b'], 0, () => new Promise<string>((resolve) => (go = () => resolve('done'))));
  expect(await claims.during(['b'], 0, nothing)).toBeUndefined();
  expect(await claims.during(['c'], 0, nothing)).toEqual({ done: 'done' });
  go();
  expect(await first).toEqual({ done: 'done' });
  expect(await claims.during(['a'], 1, nothing)).toBeUndefined();
  const { tx, commit } = committing();
  claims.settle(tx, ['a', 'b']);
  expect(await claims.during(['a'], 1, nothing)).toBeUndefined();
  commit();
  expect(await claims.during(['a', 'b'], 1, nothing)).toEqual({ done: 'done' });
});

it('frees the HSM at once when the work fails, and after a while when the transaction does', async () => {
  const claims = new InstanceClaims();
  await expect(claims.during(['a'], 0, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  expect(await claims.during(['a'], 0, nothing)).toEqual({ done: 'done' });
  expect(await claims.during(['a'], 29_999, nothing)).toBeUndefined();
  expect(await claims.during(['a'], 30_000, nothing)).toEqual({ done: 'done' });
});
