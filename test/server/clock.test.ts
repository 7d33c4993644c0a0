import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestPipeline, type TestPipeline } from '../support/pipeline.ts';

let program: TestPipeline;
beforeAll(async () => {
  program = await openTestPipeline();
});
afterAll(() => program.close());

const DAY_SECONDS = 86_400;
const advance = (Seconds: number) => program.call(program.root, 'Coffer', 'AdvanceClock', { Seconds: String(Seconds) });
const ahead = () => program.coffer.clock.now().getTime() - program.coffer.clock.wall().getTime();

it('moves forward by what was asked, also when several ask at once', async () => {
  await Promise.all([1, 2, 3].map(() => advance(DAY_SECONDS)));
  expect(Math.round(ahead() / 1000)).toBe(3 * DAY_SECONDS);
  expect(await advance(60)).toMatchObject({ OffsetSeconds: 3 * DAY_SECONDS + 60 });
});

it('tells those who wait for it', async () => {
  let told = 0;
  program.coffer.clock.onMoved(() => {
    told += 1;
  });
  await advance(1);
  expect(told).toBe(1);
});

it('stays where it was moved to through a restart', async () => {
  const before = program.coffer.clock.offsetMs;
  await program.reopen();
  expect(program.coffer.clock.offsetMs).toBe(before);
});

it('never goes back', async () => {
  const before = program.coffer.clock.offsetMs;
  program.coffer.clock.set(0);
  expect(program.coffer.clock.offsetMs).toBe(before);
  for (const Seconds of ['0', '-1']) {
    expect(await program.codeOf(program.root, 'Coffer', 'AdvanceClock', { Seconds })).toMatch(
      /Seconds|InvalidParameter/,
    );
  }
  expect(program.coffer.clock.offsetMs).toBe(before);
});

it('stops at a century, undone as a whole', async () => {
  for (let n = 0; n < 9; n += 1) await advance(10 * 366 * DAY_SECONDS);
  const before = program.coffer.clock.offsetMs;
  const Seconds = String(10 * 366 * DAY_SECONDS);
  expect(await program.codeOf(program.root, 'Coffer', 'AdvanceClock', { Seconds })).toBe('InvalidParameter');
  expect(program.coffer.clock.offsetMs).toBe(before);
  await program.reopen();
  expect(program.coffer.clock.offsetMs).toBe(before);
});
