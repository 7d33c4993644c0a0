/** Follows the other nodes' commits through the change log. */
import type { Client } from 'pg';
import type { ChangeFeed, ChangeListener } from '../engine.ts';
import { openClient, type PostgresOptions, postgresError, whereOf } from './connection.ts';

export const CHANNEL = 'coffer_change';

const POLL_MS = 250;
/** Without news for this long, caches may be wrong. */
const SILENCE_MS = 1000;
const PAGE = 1000;

export class PostgresFeed implements ChangeFeed {
  readonly #options: PostgresOptions;
  readonly #listener: ChangeListener;
  #client: Client | undefined;
  #last = 0;
  /** When the last successful poll began (monotonic). */
  #heard = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #polling: Promise<void> | undefined;
  #again = false;
  #failing = false;
  #closed = false;

  constructor(options: PostgresOptions, listener: ChangeListener) {
    this.#options = options;
    this.#listener = listener;
  }

  /** Connects and starts; throws when that fails. */
  async start(): Promise<void> {
    try {
      await this.#poll();
    } catch (error) {
      throw postgresError(whereOf(this.#options.url), error);
    }
    this.#schedule();
  }

  current(): boolean {
    return performance.now() - this.#heard < SILENCE_MS;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#polling;
    await this.#client?.end().catch(() => {});
  }

  #schedule(): void {
    if (!this.#closed) this.#timer = setTimeout(() => this.#tick(), POLL_MS);
  }

  #tick(): void {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    if (this.#polling !== undefined) {
      this.#again = true;
      return;
    }
    this.#polling = this.#poll()
      .then(() => {
        this.#failing = false;
      })
      .catch((error: unknown) => {
        // Once per outage is enough.
        if (!this.#failing) this.#listener.failed(error);
        this.#failing = true;
        void this.#client?.end().catch(() => {});
        this.#client = undefined;
      })
      .finally(() => {
        this.#polling = undefined;
        if (this.#again && !this.#failing) {
          this.#again = false;
          this.#tick();
        } else {
          this.#schedule();
        }
      });
  }

  async #connect(): Promise<Client> {
    const client = openClient(this.#options, SILENCE_MS);
    try {
      await client.connect();
      await client.query(`listen ${CHANNEL}`);
      const { rows } = await client.query<{ last: number }>('select coalesce(max(seq), 0) as last from change');
      this.#last = rows[0]!.last;
    } catch (error) {
      void client.end().catch(() => {});
      throw error;
    }
    client.on('notification', () => this.#tick());
    // Whatever was kept before may be from before a commit that was missed, or from before a restored backup.
    this.#listener.lost();
    return client;
  }

  async #poll(): Promise<void> {
    this.#client ??= await this.#connect();
    for (;;) {
      const began = performance.now();
      // State-changing transactions run one at a time, so numbers become visible in order and none is skipped.
      const { rows } = await this.#client.query<{ seq: number; node: string; what: string }>({
        text: 'select seq, node, what from change where seq > $1 order by seq limit $2',
        values: [this.#last, PAGE],
      });
      for (const { seq, node, what } of rows) {
        this.#last = seq;
        if (node !== this.#listener.node) this.#listener.changed(what);
      }
      if (rows.length < PAGE) {
        this.#heard = began;
        return;
      }
    }
  }
}
