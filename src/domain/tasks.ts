/** Durable follow-up work: a row with a lease, run by any node once it is due, again after a crash. */

import type { Clock } from '../core/time.ts';
import type { Place, Reader, Storage } from './storage.ts';

export interface TaskRequest {
  readonly type: string;
  readonly place: Place;
  /** Plain JSON. No secrets. */
  readonly payload: unknown;
  /** Service time at which it may first run; default: at once. */
  readonly due?: Date;
  /** At most one unfinished task may carry the same key; enqueueing a second is a no-op that returns the first's id. */
  readonly key?: string;
}

/** What a task may use besides its own services. */
export interface TaskContext {
  readonly taskId: string;
  readonly place: Place;
  readonly attempt: number;
  readonly clock: Clock;
  readonly storage: Storage;
  readonly read: Reader;
}

/**
 * Runs one type of task. `run` does the outside work and returns how it ended; a thrown error means try again later
 * (with back-off). `finish` of the result runs in the transaction that ends the task.
 */
export interface TaskHandler<P = unknown> {
  readonly type: string;
  run(context: TaskContext, payload: P): Promise<TaskOutcome>;
}

export type TaskOutcome =
  | { readonly end: 'done'; readonly commit?: (tx: import('./storage.ts').Transaction) => Promise<void> }
  | { readonly end: 'again'; readonly due: Date };
