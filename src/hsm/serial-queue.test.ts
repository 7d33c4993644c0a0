import { expect, test } from 'vitest';
import { SerialQueue } from './serial-queue.ts';

test('runs one job at a time, in order, also after failures; refuses more than may wait', async () => {
  const queue = new SerialQueue(3, () => new Error('full'));
  const events: string[] = [];
  const job = (name: string, fails = false) =>
    queue.run(async () => {
      events.push(`${name} begins`);
      await Promise.resolve();
      events.push(`${name} ends`);
      if (fails) throw new Error(name);
      return name;
    });
  const results = await Promise.allSettled([job('a'), job('b', true), job('c'), job('d')]);
  expect(results.map((result) => (result.status === 'fulfilled' ? result.value : result.reason.message))).toEqual([
    'a',
    'b',
    'c',
    'full',
  ]);
  expect(events).toEqual(['a', 'b', 'c'].flatMap((name) => [`${name} begins`, `${name} ends`]));
  expect(await job('e')).toBe('e');
});
