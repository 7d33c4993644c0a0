import type { Place } from './place.ts';

/** Durable follow-up work: a row with a lease, run by any node once it is due, again after a crash. */
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
