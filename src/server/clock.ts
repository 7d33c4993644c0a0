import type { Clock } from '../core/time.ts';
import type { Collection, Place, Storage, Transaction } from '../domain/storage.ts';

interface OffsetRecord {
  readonly id: 'clock';
  /** Milliseconds the service's time is ahead of the machine's. */
  readonly offsetMs: number;
}

export const CLOCK: Collection<OffsetRecord> = {
  kind: 'coffer.clock',
  group: 'coffer',
  schema: 1,
  id: (record) => record.id,
};
export const CLOCK_PLACE: Place = { account: '', region: '' };

/** The service's clock. Only a development server's can be moved, and only forward; the move survives restarts. */
export class ServiceClock implements Clock {
  #offsetMs = 0;
  readonly #moved: (() => void)[] = [];

  /** Takes over what an earlier run was moved by. */
  async load(storage: Storage): Promise<void> {
    this.#offsetMs = (await storage.reader.get(CLOCK, CLOCK_PLACE, 'clock'))?.offsetMs ?? 0;
  }

  get offsetMs(): number {
    return this.#offsetMs;
  }

  now(): Date {
    return new Date(Date.now() + this.#offsetMs);
  }

  wall(): Date {
    return new Date();
  }

  /** Stores a move forward in the transaction; it holds from the commit on. Returns how far ahead the time is then. */
  async advance(tx: Transaction, byMs: number): Promise<number> {
    const stored = await tx.get(CLOCK, CLOCK_PLACE, 'clock');
    const record: OffsetRecord = { id: 'clock', offsetMs: Math.max(stored?.offsetMs ?? 0, this.#offsetMs) + byMs };
    if (stored === undefined) await tx.insert(CLOCK, CLOCK_PLACE, record);
    else await tx.update(CLOCK, CLOCK_PLACE, record);
    tx.afterCommit(() => this.set(record.offsetMs));
    return record.offsetMs;
  }

  /** Takes note of a move that has committed; never backward. */
  set(offsetMs: number): void {
    this.#offsetMs = Math.max(this.#offsetMs, offsetMs);
    for (const listener of this.#moved) listener();
  }

  onMoved(listener: () => void): void {
    this.#moved.push(listener);
  }
}
