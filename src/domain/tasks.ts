import type { Clock } from '../core/time.ts';
import type { Place } from './place.ts';
import type { Reader, Storage, Transaction } from './storage.ts';

export type { TaskRequest } from './task-request.ts';

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
  | { readonly end: 'done'; readonly commit?: (tx: Transaction) => Promise<void> }
  | { readonly end: 'again'; readonly due: Date };
