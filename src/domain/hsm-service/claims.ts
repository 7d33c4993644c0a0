import { MINUTE_MS, SECOND_MS } from '../../core/time.ts';
import type { Transaction } from '../storage.ts';

/** How long finished device work waits for its transaction before the HSM is free again. */
const AWAIT_COMMIT_MS = 30 * SECOND_MS;
/** Longer than any device work may take. */
const WORK_MS = 10 * MINUTE_MS;

/**
 * Keeps two calls from working on one HSM at a time: the second would wipe what the first has made and not yet
 * committed. A claim lasts from the start of the device work until the transaction's commit. HSMs are driven by one
 * process, so the claims can be kept in its memory; a crash frees them.
 */
export class InstanceClaims {
  readonly #until = new Map<string, number>();

  /**
   * Runs device work on HSMs; undefined when one of them is claimed. `now`: service time, milliseconds. A failure of
   * the work frees them.
   */
  async during<T>(
    instanceIds: readonly string[],
    now: number,
    work: () => Promise<T>,
  ): Promise<{ done: T } | undefined> {
    if (instanceIds.some((id) => (this.#until.get(id) ?? 0) > now)) return undefined;
    for (const id of instanceIds) this.#until.set(id, now + WORK_MS);
    try {
      const done = await work();
      for (const id of instanceIds) this.#until.set(id, now + AWAIT_COMMIT_MS);
      return { done };
    } catch (error) {
      this.#free(instanceIds);
      throw error;
    }
  }

  /** Frees the HSMs when the transaction has committed. */
  settle(tx: Transaction, instanceIds: readonly string[]): void {
    tx.afterCommit(() => this.#free(instanceIds));
  }

  #free(instanceIds: readonly string[]): void {
    for (const id of instanceIds) this.#until.delete(id);
  }
}
