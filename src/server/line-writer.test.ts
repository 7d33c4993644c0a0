import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Timers } from '../keystore/timers.ts';
import { LineWriter } from './line-writer.ts';

let directory: string;
const descriptors: number[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'coffer-lines-'));
});
afterEach(() => {
  for (const fd of descriptors.splice(0)) closeSync(fd);
  rmSync(directory, { recursive: true });
});

function opened(path: string, flags: number | string): number {
  const fd = openSync(path, flags);
  descriptors.push(fd);
  return fd;
}

/** A pipe whose reader reads when told to. */
function pipe(): { fd: number; read: () => string } {
  const path = join(directory, 'pipe');
  execFileSync('mkfifo', [path]);
  const reader = opened(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const fd = opened(path, constants.O_WRONLY);
  const read = (): string => {
    const block = Buffer.alloc(1_048_576);
    try {
      return block.toString('latin1', 0, readSync(reader, block));
    } catch {
      return '';
    }
  };
  return { fd, read };
}

/** A clock that goes on by a tenth of a second each time it is read. */
function timers(): Timers & { fire(): void; readonly waiting: number } {
  const due: (() => void)[] = [];
  let ms = 0;
  return {
    now: () => {
      ms += 100;
      return ms;
    },
    after: (_, work) => {
      due.push(work);
      return () => {};
    },
    fire: () => {
      for (const work of due.splice(0)) work();
    },
    get waiting() {
      return due.length;
    },
  };
}

const line = (n: number): string => `${String(n).padStart(99, '.')}\n`;

it('does not wait for a reader that has stopped, and goes on in order when it reads again', () => {
  const { fd, read } = pipe();
  const time = timers();
  const writer = new LineWriter(fd, time);
  for (let n = 0; n < 5_000; n += 1) writer.write(line(n));
  expect(time.waiting).toBe(1);
  let text = '';
  for (let round = 0; round < 100 && time.waiting > 0; round += 1) {
    text += read();
    time.fire();
  }
  text += read();
  expect(text).toBe(Array.from({ length: 5_000 }, (_, n) => line(n)).join(''));
  writer.write(line(5_000));
  expect(read()).toBe(line(5_000));
});

it('keeps a megabyte for a reader that has stopped, and loses whole lines beyond it', () => {
  const { fd, read } = pipe();
  const time = timers();
  const writer = new LineWriter(fd, time);
  for (let n = 0; n < 50_000; n += 1) writer.write(line(n));
  let text = '';
  for (let round = 0; round < 100 && time.waiting > 0; round += 1) {
    text += read();
    time.fire();
  }
  text += read();
  expect(text.length).toBeGreaterThan(1_000_000);
  expect(text.length).toBeLessThan(1_300_000);
  expect(text).toBe(Array.from({ length: text.length / 100 }, (_, n) => line(n)).join(''));
  expect(writer.lost).toBe(50_000 - text.length / 100);
});

it('gives up at the end of the program when nobody reads', () => {
  const { fd, read } = pipe();
  const time = timers();
  const writer = new LineWriter(fd, time);
  for (let n = 0; n < 2_000; n += 1) writer.write(line(n));
  const before = time.now();
  writer.finish();
  expect(time.now() - before).toBeLessThanOrEqual(1_500);
  const text = read();
  expect(text.startsWith(line(0))).toBe(true);
  expect(text.length).toBeLessThan(200_000);
});

it('writes what waits at the end of the program when it can', () => {
  const { fd, read } = pipe();
  const writer = new LineWriter(fd, timers());
  for (let n = 0; n < 1_000; n += 1) writer.write(line(n));
  let text = read();
  writer.finish();
  text += read();
  expect(text.endsWith(line(999))).toBe(true);
});

it('loses the lines of a full disk, a closed descriptor and a pipe without a reader, and no others', () => {
  const full = new LineWriter(opened('/dev/full', 'w'));
  for (let n = 0; n < 3; n += 1) full.write('lost\n');
  expect(full.lost).toBe(3);
  const gone = new LineWriter(9_999);
  gone.write('lost\n');
  gone.finish();
  expect(gone.lost).toBe(1);
  const path = join(directory, 'pipe');
  execFileSync('mkfifo', [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = new LineWriter(opened(path, constants.O_WRONLY));
  closeSync(reader);
  writer.write('lost\n');
  const again = opened(path, constants.O_RDONLY | constants.O_NONBLOCK);
  writer.write('read again\n');
  const block = Buffer.alloc(100);
  expect(block.toString('utf8', 0, readSync(again, block))).toBe('read again\n');
  expect(writer.lost).toBe(1);
});

it('writes to files', () => {
  const path = join(directory, 'log');
  const writer = new LineWriter(opened(path, 'a'));
  writer.write('é\n');
  writer.write('two\n');
  expect(readFileSync(path, 'utf8')).toBe('é\ntwo\n');
});
