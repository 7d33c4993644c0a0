import type { Clock } from '../core/time.ts';
import type { Collection, Place, Storage } from '../domain/storage.ts';

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

  /** Called after the move has committed. */
  set(offsetMs: number): void {
    this.#offsetMs = offsetMs;
    for (const listener of this.#moved) listener();
  }

  onMoved(listener: () => void): void {
    this.#moved.push(listener);
  }
}
