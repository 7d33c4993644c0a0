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

/** A counter being read. */
interface Reading {
  /** What became durable since the reading began. */
  since: number;
  readonly value: Promise<number>;
}

export class Counters {
  readonly #engine: Engine;
  readonly #query: ReturnType<typeof counterQuery>;
  readonly #known = new Generations<Known>(KEPT);
  readonly #reading = new Map<string, Reading>();
  /** Other nodes count too, over connections that overtake each other. */
  readonly #shared: boolean;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#query = counterQuery(engine.sql);
    this.#shared = engine.follow !== undefined;
  }

  /** The value, as the port promises it. */
  get(name: string): Promise<number> {
    const known = this.#known.get(name);
    if (known !== undefined && (!this.#shared || performance.now() - known.at < SHARED_AGE_MS))
      return Promise.resolve(known.value);
    return this.#reading.get(name)?.value ?? this.#read(name);
  }

  /** Takes note of increases that have become durable. */
  counted(row: JournalRow): void {
    for (const { counter, by } of row.counts) {
      const known = this.#known.get(counter);
      if (known !== undefined) known.value += by;
      const reading = this.#reading.get(counter);
      if (reading !== undefined) reading.since += by;
    }
  }

  #read(name: string): Promise<number> {
    const at = performance.now();
    const value = this.#engine
      .read(this.#query({ name }))
      .then(([row]) => {
        const found = row === undefined ? 0 : Number(row.value);
        // INVARIANT: SQLite's thread answers in the order it works, so all that was noted by now is in what it read.
        // PostgreSQL's connections give no order: too much for a second is safe, too little is not.
        const sum = this.#shared ? found + reading.since : found;
        this.#known.set(name, { value: sum, at });
        return sum;
      })
      .finally(() => this.#reading.delete(name));
    const reading: Reading = { since: 0, value };
    this.#reading.set(name, reading);
    return value;
  }
}
