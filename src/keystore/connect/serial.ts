import { type Timers, within } from '../timers.ts';

/**
 * Runs work on the same thing one after another, within this process. Work that hangs is waited for no longer than
 * `waitMs`, so that it cannot keep a way out shut.
 */
export class Serial {
  readonly #timers: Timers;
  readonly #waitMs: number;
  readonly #last = new Map<string, Promise<void>>();

  constructor(timers: Timers, waitMs: number) {
    this.#timers = timers;
    this.#waitMs = waitMs;
  }

  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key);
    const mine = before === undefined ? work() : within(this.#timers, this.#waitMs, before, () => undefined).then(work);
    const settled = mine.then(
      () => {},
      () => {},
    );
    this.#last.set(key, settled);
    try {
      return await mine;
    } finally {
      if (this.#last.get(key) === settled) this.#last.delete(key);
    }
  }
}
