/** The journal: entries that arrive while a batch is being written form the next batch. */
import { setImmediate as turn } from 'node:timers/promises';
import type { JournalEntry } from '../domain/storage.ts';
import type { Engine, JournalRow } from './engine.ts';
import { StorageOverloaded } from './errors.ts';
import { eventRow } from './event-row.ts';

const BATCH_ENTRIES = 1000;
const QUEUED_ENTRIES = 20_000;

interface Queued {
  readonly row: JournalRow;
  readonly resolve: (accepted: boolean) => void;
  readonly reject: (error: unknown) => void;
}

export class Journal {
  readonly #engine: Engine;
  readonly #wall: () => Date;
  /** Called with each entry's counts once they are durable, before the entry resolves. */
  readonly #counted: (row: JournalRow) => void;
  #queue: Queued[] = [];
  #writing: Promise<void> | undefined;

  constructor(engine: Engine, wall: () => Date, counted: (row: JournalRow) => void) {
    this.#engine = engine;
    this.#wall = wall;
    this.#counted = counted;
  }

  /** Resolves once the entry is durable; false when its nonce was used before. */
  add(entry: JournalEntry): Promise<boolean> {
    if (this.#queue.length >= QUEUED_ENTRIES) return Promise.reject(new StorageOverloaded('audit events'));
    const { nonce } = entry;
    const row: JournalRow = {
      event: eventRow(entry.event),
      nonce: nonce === undefined ? undefined : { key: nonce.key, until: nonce.until.getTime() },
      counts: entry.counts ?? [],
    };
    return new Promise((resolve, reject) => {
      this.#queue.push({ row, resolve, reject });
      this.#writing ??= this.#write();
    });
  }

  /** Resolves when everything added so far has been written or has failed. */
  async idle(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
  }

  async #write(): Promise<void> {
    while (this.#queue.length > 0) {
      // Requests that came in the same turn of the event loop belong to one batch: messages and commits cost more than rows.
      await turn();
      const batch = this.#queue.slice(0, BATCH_ENTRIES);
      this.#queue = this.#queue.slice(BATCH_ENTRIES);
      await this.#writeBatch(batch);
    }
    this.#writing = undefined;
  }

  async #writeBatch(batch: readonly Queued[]): Promise<void> {
    try {
      const accepted = await this.#engine.journal(
        batch.map((queued) => queued.row),
        this.#wall().getTime(),
      );
      for (const [index, queued] of batch.entries()) {
        if (accepted[index]) this.#counted(queued.row);
        queued.resolve(accepted[index]!);
      }
    } catch (error) {
      for (const queued of batch) queued.reject(error);
    }
  }
}
