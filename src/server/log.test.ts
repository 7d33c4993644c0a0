import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Secret } from '../core/secret.ts';
import type { Timers } from '../keystore/timers.ts';
import { LineWriter } from './line-writer.ts';
import { createLog } from './log.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'coffer-log-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function written(write: (log: ReturnType<typeof createLog>) => void, level = 'info', timers?: Timers) {
  const file = join(directory, 'log');
  const fd = openSync(file, 'w');
  write(createLog(level, new LineWriter(fd), timers));
  closeSync(fd);
  return readFileSync(file, 'utf8');
}

it('writes JSON lines from its level on', () => {
  const lines = written((log) => {
    log.debug('no');
    log.info({ requestId: 'r' }, 'yes');
  });
  expect(JSON.parse(lines)).toMatchObject({ program: 'coffer', requestId: 'r', msg: 'yes', level: 30 });
});

it('shows no secret, wherever it hides', () => {
  const secret = Secret.ofText('canary');
  const error = Object.assign(
    new Error('failed', { cause: Object.assign(new Error('inner'), { parameters: ['canary'] }) }),
    {
      secret,
      query: 'values (canary)',
    },
  );
  const lines = written((log) => {
    log.error({ err: error, secret, deep: { secret, list: [secret] } }, 'x');
    log.error(error, 'y');
  });
  expect(lines).toContain('[secret]');
  expect(lines).toContain('inner');
  expect(lines).not.toContain('canary');
});

it('takes errors that are none, and causes in a circle', () => {
  const circle = new Error('one');
  circle.cause = new Error('two', { cause: circle });
  const lines = written((log) => {
    log.error({ err: 'text' }, 'x');
    log.error({ err: circle }, 'y');
  });
  expect(
    lines
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line).err.message),
  ).toEqual(['text', 'one']);
});

it('is not flooded by one trouble of many calls, and says what it left out', () => {
  const closings: (() => void)[] = [];
  const timers: Timers = {
    now: () => 0,
    after: (_, work) => {
      closings.push(work);
      return () => {};
    },
  };
  class DatabaseDown extends Error {
    override readonly name = 'DatabaseDown';
  }
  const lines = written(
    (log) => {
      for (let n = 0; n < 1_000; n += 1) {
        log.error({ err: new DatabaseDown(`no ${n}`), requestId: `r${n}` }, 'call failed');
        log.warn({ n }, 'a warning');
      }
      log.error({ err: new TypeError('another') }, 'call failed');
      for (let n = 0; n < 60; n += 1) log.error({}, `trouble ${n % 10}`);
      for (const close of closings.splice(0)) close();
      log.error({ err: new DatabaseDown('again') }, 'call failed');
    },
    'info',
    timers,
  );
  const said = lines
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  expect(said.filter(({ level }) => level === 40)).toHaveLength(1_000);
  expect(said.filter(({ err }) => err?.type === 'DatabaseDown').map(({ requestId }) => requestId)).toEqual([
    'r0',
    'r1',
    'r2',
    'r3',
    'r4',
    undefined,
  ]);
  expect(said.filter(({ err }) => err?.type === 'TypeError')).toHaveLength(1);
  expect(said.filter(({ leftOut }) => leftOut !== undefined)).toMatchObject([
    { level: 50, leftOut: 995, of: 'call failed', type: 'DatabaseDown', msg: 'more of the same were left out' },
    ...Array.from({ length: 10 }, (_, n) => ({ leftOut: 1, of: `trouble ${n}` })),
  ]);
});

it('does not end the program when it cannot be written', () => {
  const fd = openSync('/dev/full', 'w');
  const log = createLog('info', new LineWriter(fd));
  for (let n = 0; n < 1_000; n += 1) log.warn({ filler: 'x'.repeat(5_000) }, 'lost');
  closeSync(fd);
});
