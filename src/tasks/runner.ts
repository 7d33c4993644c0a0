import type { Clock } from '../core/time.ts';
import type { ClaimedTask, Storage } from '../domain/storage.ts';
import type { TaskHandler, TaskOutcome } from '../domain/tasks.ts';

interface RunnerLog {
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

export interface TaskRunnerOptions {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly handlers: readonly TaskHandler<never>[];
  readonly log: RunnerLog;
  /** How long a claim holds; it is renewed while the task runs, so a task of a dead node runs again after it. Default 60 s. */
  readonly leaseMs?: number;
  /** How long a run may take; one that takes longer is given up, and the task runs again. Default 15 min. */
  readonly runLimitMs?: number;
  /** How often the table is looked at when nothing calls. Default 500 ms. */
  readonly pollMs?: number;
  /** Tasks run at once. Default 8. */
  readonly concurrency?: number;
}

/** First retry after a second, doubling up to five minutes. */
export function retryDelayMs(attempt: number): number {
  return Math.min(300_000, 1000 * 2 ** Math.min(attempt - 1, 10));
}

/** Runs durable tasks as they fall due: claims them under a lease, ends each in one transaction, retries what throws. */
export class TaskRunner {
  readonly #options: Required<TaskRunnerOptions>;
  readonly #handlers: ReadonlyMap<string, TaskHandler<never>>;
  readonly #running = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #stopped = true;
  #sweeping: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;
  #again = false;

  constructor(options: TaskRunnerOptions) {
    this.#options = { leaseMs: 60_000, runLimitMs: 900_000, pollMs: 500, concurrency: 8, ...options };
    const handlers = new Map<string, TaskHandler<never>>();
    for (const handler of options.handlers) {
      if (handlers.has(handler.type)) throw new Error(`task type ${handler.type} is handled twice`);
      handlers.set(handler.type, handler);
    }
    this.#handlers = handlers;
  }

  start(): void {
    this.#stopped = false;
    this.#stopping = undefined;
    this.#options.storage.onTasks(() => this.wake());
    this.wake();
  }

  /** Looks at the table now: after a commit that enqueued, or when the clock was moved. */
  wake(): void {
    if (this.#stopped) return;
    if (this.#sweeping !== undefined) {
      this.#again = true;
      return;
    }
    clearTimeout(this.#timer);
    this.#sweeping = this.#sweep()
      .catch((error: unknown) => this.#options.log.error({ err: error }, 'looking for tasks failed'))
      .finally(() => {
        this.#sweeping = undefined;
        if (this.#stopped) return;
        if (this.#again) {
          this.#again = false;
          this.wake();
        } else {
          this.#timer = setTimeout(() => this.wake(), this.#options.pollMs);
          this.#timer.unref();
        }
      });
  }

  async #sweep(): Promise<void> {
    const { storage, clock, leaseMs, concurrency } = this.#options;
    const limit = concurrency - this.#running.size;
    if (limit <= 0) return;
    const claimed = await storage.claimTasks({ now: clock.now(), wall: clock.wall(), leaseMs, limit });
    for (const task of claimed) {
      const run: Promise<void> = this.#run(task).finally(() => {
        this.#running.delete(run);
        this.wake();
      });
      this.#running.add(run);
    }
  }

  /** Runs the handler while renewing the lease; throws when it does not end in time. */
  async #handled(task: ClaimedTask): Promise<TaskOutcome> {
    const { storage, clock, log, leaseMs, runLimitMs } = this.#options;
    const handler = this.#handlers.get(task.type);
    if (handler === undefined) throw new Error(`no handler for tasks of type ${task.type}`);
    const context = { taskId: task.id, place: task.place, attempt: task.attempt, clock, storage, read: storage.reader };
    const renewal = setInterval(() => {
      task.renew(leaseMs).catch((error: unknown) => log.error({ err: error, task: task.id }, 'lease not renewed'));
    }, leaseMs / 3);
    renewal.unref();
    let limit: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      limit = setTimeout(() => reject(new Error(`did not end within ${runLimitMs} ms`)), runLimitMs);
      limit.unref();
    });
    try {
      return await Promise.race([handler.run(context, task.payload as never), late]);
    } finally {
      clearInterval(renewal);
      clearTimeout(limit);
    }
  }

  async #run(task: ClaimedTask): Promise<void> {
    const { storage, clock, log } = this.#options;
    try {
      const outcome = await this.#handled(task);
      if (outcome.end === 'again') {
        await task.retry(outcome.due);
        return;
      }
      await storage.transaction(async (tx) => {
        // A lost lease means another node has taken over: its run decides, so nothing of this one may stay.
        if (await task.finish(tx)) await outcome.commit?.(tx);
      });
    } catch (error) {
      log.error({ err: error, task: task.id, type: task.type, attempt: task.attempt }, 'task failed, will run again');
      await task.retry(new Date(clock.now().getTime() + retryDelayMs(task.attempt))).catch((lost: unknown) => {
        log.error({ err: lost, task: task.id }, 'task could not be given back; its lease will run out');
      });
    }
  }

  /**
   * Stops claiming and waits for running tasks, at most `graceMs` from the first call; what is left runs again after
   * its lease.
   */
  stop(graceMs: number): Promise<void> {
    this.#stopping ??= this.#stop(graceMs);
    return this.#stopping;
  }

  async #stop(graceMs: number): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    const ended = async () => {
      await this.#sweeping;
      await Promise.allSettled([...this.#running]);
    };
    let timer: NodeJS.Timeout | undefined;
    const grace = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, graceMs);
    });
    await Promise.race([ended(), grace]);
    clearTimeout(timer);
  }
}
