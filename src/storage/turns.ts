import { StorageBusy } from '../domain/storage.ts';

interface Waiter {
  readonly start: () => void;
}

/** Lets one at a time through, in order of arrival; each wait has a deadline and the queue a bound. */
export class Turns {
  readonly #limit: number;
  readonly #queue: Waiter[] = [];
  #taken = false;

  /** At most `limit` may wait; more are refused at once. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * Waits for the turn; the caller must call the returned function exactly once when done. `next` goes before all that
   * wait. Throws {@link StorageBusy} when the turn did not come within `waitMs`.
   */
  take(waitMs: number, next = false): Promise<() => void> {
    if (!this.#taken) {
      this.#taken = true;
      return Promise.resolve(() => this.#pass());
    }
    if (this.#queue.length >= this.#limit && !next) return Promise.reject(new StorageBusy());
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        start: () => {
          clearTimeout(timer);
          resolve(() => this.#pass());
        },
      };
      const timer = setTimeout(() => {
        this.#queue.splice(this.#queue.indexOf(waiter), 1);
        reject(new StorageBusy());
      }, waitMs);
      if (next) this.#queue.unshift(waiter);
      else this.#queue.push(waiter);
    });
  }

  #pass(): void {
    const waiter = this.#queue.shift();
    if (waiter === undefined) this.#taken = false;
    else waiter.start();
  }
}
