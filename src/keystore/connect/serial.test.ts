import { expect, it } from 'vitest';
import type { Timers } from '../timers.ts';
import { Serial } from './serial.ts';

/** Timers that the test lets run out. */
function handTimers(): Timers & { expire(): void } {
  const waiting = new Set<() => void>();
  return {
    now: () => 0,
    after: (_ms, work) => {
      waiting.add(work);
      return () => waiting.delete(work);
    },
    expire: () => {
      for (const work of [...waiting]) work();
    },
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('runs work on one thing in order, on other things at once, also after a failure', async () => {
  const serial = new Serial(handTimers(), 1_000);
  const said: string[] = [];
  let end: () => void = () => {};
  const first = serial.run('a', () => new Promise<void>((resolve) => (end = resolve))).then(() => said.push('first'));
  const second = serial.run('a', async () => {
    said.push('second');
    throw new Error('broken');
  });
  const third = serial.run('a', async () => said.push('third'));
  await serial.run('b', async () => said.push('other'));
  expect(said).toEqual(['other']);
  end();
  await first;
  await expect(second).rejects.toThrow('broken');
  await third;
  expect(said).toEqual(['other', 'first', 'second', 'third']);
});

it('waits for work that hangs no longer than it is told to', async () => {
  const timers = handTimers();
  const serial = new Serial(timers, 1_000);
  void serial.run('a', () => new Promise<void>(() => {}));
  let ran = false;
  const out = serial.run('a', async () => {
    ran = true;
  });
  await turn();
  expect(ran).toBe(false);
  timers.expire();
  await out;
  expect(ran).toBe(true);
});
