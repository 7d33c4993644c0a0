import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ClaimedTask, ClaimRequest, Storage, Transaction } from '../domain/storage.ts';
import type { TaskHandler, TaskOutcome } from '../domain/tasks.ts';
import { retryDelayMs, TaskRunner, type TaskRunnerOptions } from './runner.ts';

/** A row of the task table, with what the storage promises about leases. */
interface Row {
  readonly id: string;
  readonly type: string;
  due: number;
  attempt: number;
  leaseUntil: number;
  state: 'pending' | 'done';
}

const NOW = Date.parse('2026-03-01T08:00:00Z');
let rows: Row[];
let offsetMs: number;
let committed: string[];
let failCommit: boolean;
let runners: TaskRunner[];
let logged: string[];

const wallNow = () => Date.now();
const clock = { now: () => new Date(wallNow() + offsetMs), wall: () => new Date(wallNow()) };

function claimed(row: Row): ClaimedTask {
  const { attempt } = row;
  const held = () => row.state === 'pending' && row.attempt === attempt;
  return {
    id: row.id,
    type: row.type,
    place: { account: '1', region: 'r' },
    payload: { id: row.id },
    attempt,
    finish: async () => {
      if (!held()) return false;
      row.state = 'done';
      return true;
    },
    renew: async (leaseMs) => {
      if (held()) row.leaseUntil = wallNow() + leaseMs;
      return held();
    },
    retry: async (due) => {
      if (held()) Object.assign(row, { due: due.getTime(), leaseUntil: 0 });
    },
  };
}

const listeners: (() => void)[] = [];
const storage = {
  reader: {},
  onTasks: (listener: () => void) => listeners.push(listener),
  claimTasks: async ({ now, wall, leaseMs, limit }: ClaimRequest) =>
    rows
      .filter((row) => row.state === 'pending' && row.due <= now.getTime() && row.leaseUntil <= wall.getTime())
      .slice(0, limit)
      .map((row) => {
        row.attempt += 1;
        row.leaseUntil = wall.getTime() + leaseMs;
        return claimed(row);
      }),
  transaction: async (work: (tx: Transaction) => Promise<void>) => {
    const before = structuredClone(rows);
    try {
      await work({} as Transaction);
      if (failCommit) throw new Error('commit failed');
    } catch (error) {
      for (const [index, row] of before.entries()) Object.assign(rows[index]!, row);
      throw error;
    }
  },
} as unknown as Storage;

function runner(run: TaskHandler['run'], options: Partial<TaskRunnerOptions> = {}): TaskRunner {
  const log = { error: (_: unknown, message: string) => logged.push(message) };
  const made = new TaskRunner({ storage, clock, handlers: [{ type: 't', run }], log, ...options });
  runners.push(made);
  made.start();
  return made;
}

function add(id: string, dueInMs = 0, type = 't'): Row {
  const row: Row = { id, type, due: NOW + dueInMs, attempt: 0, leaseUntil: 0, state: 'pending' };
  rows.push(row);
  return row;
}

const done = (id: string): TaskOutcome => ({ end: 'done', commit: async () => void committed.push(id) });
const never = () => new Promise<never>(() => {});
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  rows = [];
  offsetMs = 0;
  committed = [];
  failCommit = false;
  runners = [];
  logged = [];
  listeners.length = 0;
});
afterEach(async () => {
  const stops = runners.map((made) => made.stop(1));
  await pass(1);
  await Promise.all(stops);
  vi.useRealTimers();
});

it('runs what is due, once, and ends it with what it commits', async () => {
  add('a');
  add('b', 10_000);
  const run = vi.fn(async ({ taskId }: { taskId: string }) => done(taskId));
  runner(run);
  await pass(9_000);
  expect(committed).toEqual(['a']);
  await pass(2_000);
  expect(committed).toEqual(['a', 'b']);
  expect(run).toHaveBeenCalledTimes(2);
  expect(run.mock.calls[0]![0]).toMatchObject({ attempt: 1, place: { account: '1', region: 'r' } });
});

it('looks at once when tasks were enqueued or the clock was moved', async () => {
  const made = runner(async ({ taskId }) => done(taskId), { pollMs: 1_000_000 });
  await pass(1);
  add('enqueued');
  for (const listener of listeners) listener();
  await pass(0);
  expect(committed).toEqual(['enqueued']);
  add('later', 86_400_000);
  offsetMs = 86_400_000;
  made.wake();
  await pass(0);
  expect(committed).toEqual(['enqueued', 'later']);
});

it('does not lose a wake that comes while it looks', async () => {
  const made = runner(async ({ taskId }) => done(taskId), { pollMs: 1_000_000 });
  add('during');
  made.wake();
  await pass(0);
  expect(committed).toEqual(['during']);
});

it('tries again what fails, later each time, up to five minutes', async () => {
  const times: number[] = [];
  add('a');
  runner(async () => {
    times.push(wallNow() - NOW);
    throw new Error('not yet');
  });
  await pass(20 * 60_000);
  const gaps = times.slice(1).map((time, at) => Math.round((time - times[at]!) / 1000));
  expect(gaps.slice(0, 9)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256]);
  expect(gaps.slice(9).every((gap) => gap === 300)).toBe(true);
  expect([1, 2, 10, 11, 1000].map(retryDelayMs)).toEqual([1000, 2000, 300_000, 300_000, 300_000]);
  expect(logged).toContain('task failed, will run again');
});

it('runs again when the handler asks for it', async () => {
  add('a');
  let round = 0;
  runner(async ({ taskId }) => {
    round += 1;
    return round < 3 ? { end: 'again', due: new Date(clock.now().getTime() + 5000) } : done(taskId);
  });
  await pass(4_000);
  expect(round).toBe(1);
  await pass(8_000);
  expect([round, committed]).toEqual([3, ['a']]);
  expect(logged).toEqual([]);
});

it('runs again when the process died between the work and its end', async () => {
  const row = add('a');
  failCommit = true;
  const run = vi.fn(async ({ taskId }: { taskId: string }) => done(taskId));
  runner(run);
  await pass(100);
  expect(row.state).toBe('pending');
  failCommit = false;
  await pass(2_000);
  expect([row.state, run.mock.calls.length]).toEqual(['done', 2]);
});

it('holds a long task, and no other runner takes it meanwhile', async () => {
  const row = add('a');
  let end = (_: TaskOutcome) => {};
  const run = vi.fn(
    () =>
      new Promise<TaskOutcome>((resolve) => {
        end = resolve;
      }),
  );
  runner(run);
  runner(run);
  await pass(10 * 60_000);
  expect(run).toHaveBeenCalledTimes(1);
  end(done('a'));
  await pass(1);
  expect([row.state, committed]).toEqual(['done', ['a']]);
});

it('lets nothing of a run stay whose lease another has taken', async () => {
  const row = add('a');
  let end = (_: TaskOutcome) => {};
  runner(
    () =>
      new Promise<TaskOutcome>((resolve) => {
        end = resolve;
      }),
  );
  await pass(1);
  row.attempt += 1;
  row.leaseUntil = wallNow() + 60_000;
  end(done('a'));
  await pass(1);
  expect([row.state, committed]).toEqual(['pending', []]);
});

it('gives up a run that hangs, so that hanging tasks do not take every place', async () => {
  for (const id of ['a', 'b', 'c']) add(id);
  let hang = true;
  runner(({ taskId }) => (hang ? never() : Promise.resolve(done(taskId))), { concurrency: 2, runLimitMs: 120_000 });
  await pass(119_000);
  expect(rows.map((row) => row.attempt)).toEqual([1, 1, 0]);
  hang = false;
  await pass(10_000);
  expect(committed.sort()).toEqual(['a', 'b', 'c']);
  expect(logged.filter((line) => line === 'task failed, will run again')).toHaveLength(2);
});

it('runs at most so many at once', async () => {
  for (let n = 0; n < 5; n += 1) add(String(n));
  let running = 0;
  let most = 0;
  runner(
    async ({ taskId }) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 100));
      running -= 1;
      return done(taskId);
    },
    { concurrency: 2 },
  );
  await pass(1_000);
  expect([most, committed.length]).toEqual([2, 5]);
});

it('goes on after the table could not be read', async () => {
  add('a');
  const claim = vi.spyOn(storage, 'claimTasks').mockRejectedValueOnce(new Error('away'));
  runner(async ({ taskId }) => done(taskId));
  await pass(1_000);
  claim.mockRestore();
  expect(committed).toEqual(['a']);
  expect(logged).toEqual(['looking for tasks failed']);
});

it('keeps a task of a type it does not know for somebody who does', async () => {
  const row = add('a', 0, 'unknown');
  runner(async () => done('a'));
  await pass(1);
  expect([row.state, row.due > NOW]).toEqual(['pending', true]);
});

it('refuses two handlers of one type', () => {
  const handler: TaskHandler = { type: 't', run: async () => done('') };
  const log = { error: () => {} };
  expect(() => new TaskRunner({ storage, clock, handlers: [handler, handler], log })).toThrow('handled twice');
});

it('waits for running tasks when it stops, claims no more, and not beyond the grace', async () => {
  add('short');
  add('endless');
  const made = runner(async ({ taskId }) => {
    if (taskId === 'endless') return never();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    return done(taskId);
  });
  await pass(1);
  let stopped = 0;
  for (const graceMs of [5_000, 1_000_000]) void made.stop(graceMs).then(() => (stopped += 1));
  add('late');
  made.wake();
  await pass(1_500);
  expect([committed, stopped]).toEqual([['short'], 0]);
  await pass(3_500);
  expect(stopped).toBe(2);
  await pass(1_000);
  expect(rows.find((row) => row.id === 'late')).toMatchObject({ attempt: 0 });
});

it('starts again after a stop, and stops again', async () => {
  const made = runner(async ({ taskId }) => done(taskId));
  for (const id of ['a', 'b']) {
    add(id);
    made.start();
    await made.stop(1_000);
  }
  expect(committed).toEqual(['a', 'b']);
});
