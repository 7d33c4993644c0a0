import { expect, it } from 'vitest';
import { processTimers } from './timers.ts';

it('never calls back before its time by its own clock, however busy the event loop is', async () => {
  let busy = true;
  // A loop that never sleeps looks at its timers at any fraction of a millisecond, and Node's count whole ones.
  const spin = (): void => {
    if (busy) setImmediate(spin);
  };
  spin();
  const early: number[] = [];
  for (let round = 0; round < 50; round += 1) {
    const since = processTimers.now();
    await new Promise<void>((resolve) => processTimers.after(3, resolve));
    const waited = processTimers.now() - since;
    if (waited < 3) early.push(waited);
  }
  busy = false;
  expect(early).toEqual([]);
});

it('does not call back what was cancelled', async () => {
  let called = false;
  processTimers.after(1, () => {
    called = true;
  })();
  await new Promise<void>((resolve) => processTimers.after(5, resolve));
  expect(called).toBe(false);
});
