/** Counters' values, remembered so that asking before each use of a key costs no query. */
import { Generations } from '../core/generations.ts';
import type { Engine, JournalRow } from './engine.ts';
import { type Sql, template } from './sql.ts';

const KEPT = 20_000;
/** How old a value may be where other nodes count too. */
const SHARED_AGE_MS = 1000;

interface Known {
  value: number;
  readonly at: number;
}

function counterQuery(sql: Sql) {
  return template<{ name: string }>((slot) =>
    sql.db.selectFrom('counter').select('value').where('name', '=', slot.text('name')),
  );
}

export class Counters {
  readonly #engine: Engine;
  readonly #query: ReturnType<typeof counterQuery>;
  readonly #known = new Generations<Known>(KEPT);
  /** Counters being read, and whether one was increased meanwhile. */
  readonly #reading = new Map<string, { stale: boolean; readonly value: Promise<number> }>();

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#query = counterQuery(engine.sql);
  }

  /** The value, with everything this node made durable; other nodes' increases are a second late at most. */
  get(name: string): Promise<number> {
    const known = this.#known.get(name);
    if (known !== undefined && (this.#engine.follow === undefined || performance.now() - known.at < SHARED_AGE_MS))
      return Promise.resolve(known.value);
    const reading = this.#reading.get(name);
    if (reading !== undefined && !reading.stale) return reading.value;
    return this.#read(name);
  }

  /** Takes note of increases that have become durable. */
  counted(row: JournalRow): void {
    for (const { counter, by } of row.counts) {
      const known = this.#known.get(counter);
      if (known !== undefined) known.value += by;
      const reading = this.#reading.get(counter);
      if (reading !== undefined) reading.stale = true;
    }
  }

  #read(name: string): Promise<number> {
    const at = performance.now();
    const value = this.#engine.read(this.#query({ name })).then(
      ([row]) => {
        const found = row === undefined ? 0 : Number(row.value);
        // Whether the row read holds an increase made meanwhile cannot be told.
        if (!reading.stale) this.#known.set(name, { value: found, at });
        if (this.#reading.get(name) === reading) this.#reading.delete(name);
        return found;
      },
      (error: unknown) => {
        if (this.#reading.get(name) === reading) this.#reading.delete(name);
        throw error;
      },
    );
    const reading = { stale: false, value };
    this.#reading.set(name, reading);
    return value;
  }
}
