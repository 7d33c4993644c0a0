import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Secret } from '../core/secret.ts';
import { createLog } from './log.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'coffer-log-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function written(write: (log: ReturnType<typeof createLog>) => void, level = 'info') {
  const file = join(directory, 'log');
  const fd = openSync(file, 'w');
  write(createLog(level, fd));
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

it('does not end the program when it cannot be written', () => {
  const fd = openSync('/dev/full', 'w');
  const log = createLog('info', fd);
  for (let n = 0; n < 1_000; n += 1) log.error({ filler: 'x'.repeat(5_000) }, 'lost');
  closeSync(fd);
});
