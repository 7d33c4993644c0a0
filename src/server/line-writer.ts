/** Lines on a file descriptor that nobody may be reading: written at once when they can be, kept within bounds, never waited for. */
import { constants, fstatSync, openSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { processTimers, type Timers } from '../keystore/timers.ts';

/** How many characters may wait for a reader; lines beyond it are lost. */
const WAITING_CHARACTERS = 1_048_576;
const RETRY_MS = 50;
/** How long the end of the program waits for a reader. */
const LAST_MS = 1_000;
const LAST_RETRY_MS = 10;
/** As much as a pipe usually takes at once. */
const BLOCK_CHARACTERS = 65_536;

const LINE_END = 0x0a;

const BUSY: readonly (string | undefined)[] = ['EAGAIN', 'EWOULDBLOCK', 'EINTR'];

/** A descriptor on which a write that cannot be done at once fails, instead of holding up the program. */
interface Unblocked {
  readonly fd: number;
  /** Kept, as it closes the descriptor when it is collected. */
  readonly keeper?: Socket;
}

function unblocked(fd: number): Unblocked {
  try {
    const kind = fstatSync(fd);
    if (kind.isFIFO() || kind.isCharacterDevice()) {
      try {
        // A second opening of the same pipe or terminal: other programs that have the first see no change.
        return { fd: openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY) };
      } catch {
        // Another user's, or a system that has no such path.
      }
    }
    // Node puts a pipe or socket that it makes a stream of into that mode. Nothing is written through the stream.
    if (kind.isFIFO() || kind.isSocket()) return { fd, keeper: new Socket({ fd, readable: false, writable: true }) };
  } catch {
    // Closed: lines are lost.
  }
  return { fd };
}

/**
 * Writes lines without ever waiting for their reader, but a moment at the end of the program. Not a stream of Node's
 * thread pool: a thread that hangs in a write keeps the program from ending.
 */
export class LineWriter {
  readonly #out: Unblocked;
  readonly #timers: Timers;
  #waiting: string[] = [];
  #characters = 0;
  /** What is left of a block of which a part has been written. */
  #rest: Uint8Array = new Uint8Array(0);
  #lost = 0;
  #retry: (() => void) | undefined;

  constructor(fd: number, timers: Timers = processTimers) {
    this.#out = unblocked(fd);
    this.#timers = timers;
  }

  /** How many lines nobody will read: too much was waiting, or they could not be written. */
  get lost(): number {
    return this.#lost;
  }

  /** Takes a line, with its end; it is lost when too much is waiting already. */
  write(line: string): void {
    if (this.#characters + line.length > WAITING_CHARACTERS) {
      this.#lost += 1;
      return;
    }
    this.#waiting.push(line);
    this.#characters += line.length;
    if (this.#retry === undefined) this.#attempt();
  }

  /** Writes what is waiting, for a moment at the most: for the end of the program, as nothing else runs meanwhile. */
  finish(): void {
    const until = this.#timers.now() + LAST_MS;
    const pause = new Int32Array(new SharedArrayBuffer(4));
    while (!this.#drain() && this.#timers.now() < until) Atomics.wait(pause, 0, 0, LAST_RETRY_MS);
  }

  #attempt(): void {
    this.#retry = undefined;
    if (!this.#drain()) this.#retry = this.#timers.after(RETRY_MS, () => this.#attempt());
  }

  /** Whether nothing waits any more. */
  #drain(): boolean {
    while (this.#rest.length > 0 || this.#waiting.length > 0) {
      if (this.#rest.length === 0) this.#rest = this.#nextBlock();
      try {
        this.#rest = this.#rest.subarray(writeSync(this.#out.fd, this.#rest));
      } catch (error) {
        if (BUSY.includes((error as NodeJS.ErrnoException).code)) return false;
        // A full disk, a closed pipe: these lines are lost, others may fare better.
        this.#lost += this.#rest.filter((byte) => byte === LINE_END).length;
        this.#rest = new Uint8Array(0);
      }
    }
    return true;
  }

  #nextBlock(): Uint8Array {
    let count = 0;
    let characters = 0;
    do characters += this.#waiting[count++]!.length;
    while (count < this.#waiting.length && characters + this.#waiting[count]!.length <= BLOCK_CHARACTERS);
    this.#characters -= characters;
    return Buffer.from(this.#waiting.splice(0, count).join(''));
  }
}

let standardErrorWriter: LineWriter | undefined;

/** The one writer on standard error; what waits at the end of the program is written then, if its reader takes it. */
export function standardError(): LineWriter {
  if (standardErrorWriter === undefined) {
    const writer = new LineWriter(2);
    standardErrorWriter = writer;
    process.on('exit', () => writer.finish());
  }
  return standardErrorWriter;
}
