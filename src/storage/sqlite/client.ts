/** The storage's side of the SQLite thread: sends requests, gives each a deadline, and fails all when the thread dies. */
import { Worker } from 'node:worker_threads';
import type { JournalRow, Row } from '../engine.ts';
import { DatabaseDamaged, DatabaseLocked, DatabaseUnreachable } from '../errors.ts';
import type { Statement } from '../statement.ts';
import type { Failure, Opened, Reply, Request, Wanted, WorkerData } from './protocol.ts';

/** Longest wait for the thread; a disk that takes longer is taken for dead. */
const DEADLINE_MS = 30_000;
const SWEEP_MS = 1000;

interface Waiting {
  readonly since: number;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
}

/** SQLite's primary result codes that mean something to an operator. */
const BUSY = 5;
const CORRUPT = 11;
const NOT_A_DATABASE = 26;
const FILE_TROUBLE: ReadonlySet<number> = new Set([3, 8, 10, 13, 14, 22]);

/** The typed error for what SQLite said. */
export function sqliteError(where: string, failure: Failure): Error {
  const code = failure.code === undefined ? undefined : failure.code & 0xff;
  const cause = new Error(failure.message);
  if (code === CORRUPT || code === NOT_A_DATABASE) return new DatabaseDamaged(where, failure.message, cause);
  if (code === BUSY) return new DatabaseLocked(where, cause);
  if (code !== undefined && FILE_TROUBLE.has(code)) return new DatabaseUnreachable(where, failure.message, cause);
  return cause;
}

/** Opened by {@link SqliteClient.open}; closed once. */
export class SqliteClient {
  readonly #where: string;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #sweep: NodeJS.Timeout;
  #next = 1;
  #dead: Error | undefined;

  private constructor(where: string, worker: Worker, wanted: () => void) {
    this.#where = where;
    this.#worker = worker;
    worker.on('message', (message: Reply | Wanted) => {
      if ('wanted' in message) wanted();
      else this.#answered(message);
    });
    worker.on('error', (error: Error) => this.#die(`its thread failed: ${error.message}`));
    worker.on('exit', () => this.#die('its thread has ended'));
    this.#sweep = setInterval(() => this.#expire(), SWEEP_MS).unref();
  }

  /**
   * Starts the thread in `file` (beside this one) and opens the database in it. `wanted` is called when the thread's
   * log should be copied back.
   */
  static async open(
    where: string,
    file: string,
    data: WorkerData,
    wanted: () => void = () => {},
  ): Promise<SqliteClient> {
    const worker = new Worker(new URL(file, import.meta.url), { workerData: data, execArgv: [] });
    const detach: (() => void)[] = [];
    const opened = await new Promise<Opened>((resolve, reject) => {
      const give = (detail: string) => reject(new DatabaseUnreachable(where, detail));
      const failed = (error: Error) => give(error.message);
      const ended = () => give('its thread has ended');
      const timer = setTimeout(() => give('opening took too long'), DEADLINE_MS);
      worker.on('message', resolve).on('error', failed).on('exit', ended);
      detach.push(() => {
        clearTimeout(timer);
        worker.off('message', resolve).off('error', failed).off('exit', ended);
      });
    }).catch(async (error: unknown) => {
      await worker.terminate();
      throw error;
    });
    for (const undo of detach) undo();
    if ('opened' in opened) return new SqliteClient(where, worker, wanted);
    await worker.terminate();
    throw opened.locked ? new DatabaseLocked(where) : sqliteError(where, opened.failure);
  }

  async run(on: 'reader' | 'writer', statements: readonly Statement[]): Promise<Row[][]> {
    return rowsOf(await this.#ask({ id: 0, do: 'run', on, statements: statements as Statement[] }));
  }

  async commit(statements: readonly Statement[]): Promise<void> {
    await this.#ask({ id: 0, do: 'commit', statements: statements as Statement[] });
  }

  async rollback(): Promise<void> {
    await this.#ask({ id: 0, do: 'rollback' });
  }

  async journal(
    sql: { readonly nonce: string; readonly event: string; readonly count: string },
    batch: readonly JournalRow[],
    now: number,
  ): Promise<boolean[]> {
    const reply = await this.#ask({ id: 0, do: 'journal', sql, batch, now });
    return 'accepted' in reply ? reply.accepted : [];
  }

  async checkpoint(): Promise<void> {
    await this.#ask({ id: 0, do: 'checkpoint' });
  }

  /** False once the thread is gone. */
  get alive(): boolean {
    return this.#dead === undefined;
  }

  async close(): Promise<void> {
    if (this.#dead === undefined) await this.#ask({ id: 0, do: 'close' });
    this.#die('it was closed');
    await this.#worker.terminate();
  }

  #ask(request: Request): Promise<Reply> {
    if (this.#dead !== undefined) return Promise.reject(this.#dead);
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { since: performance.now(), resolve, reject });
      this.#worker.postMessage({ ...request, id });
    });
  }

  #answered(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id);
    if (waiting === undefined) return;
    this.#waiting.delete(reply.id);
    if ('failure' in reply) waiting.reject(sqliteError(this.#where, reply.failure));
    else waiting.resolve(reply);
  }

  #expire(): void {
    // Requests are answered in order, so the first that waits is the oldest.
    const oldest = this.#waiting.values().next().value;
    if (oldest === undefined || performance.now() - oldest.since < DEADLINE_MS) return;
    // What the writer did is unknown from here on: only a new start can tell.
    this.#die(`no answer for ${DEADLINE_MS / 1000} seconds`);
    void this.#worker.terminate();
  }

  #die(detail: string): void {
    if (this.#dead !== undefined) return;
    this.#dead = new DatabaseUnreachable(this.#where, detail);
    clearInterval(this.#sweep);
    for (const waiting of this.#waiting.values()) waiting.reject(this.#dead);
    this.#waiting.clear();
  }
}

function rowsOf(reply: Reply): Row[][] {
  return 'rows' in reply ? reply.rows : [];
}
