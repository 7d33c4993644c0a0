/**
 * A bounded cache of values loaded from the database, safe against loads that race with commits.
 *
 * INVARIANT: a value whose load began before its key was dropped is never kept, nor given to anyone who asked after.
 */
import { Generations } from '../core/generations.ts';

interface Load<V> {
  readonly promise: Promise<V>;
  /** Cleared when the key is dropped while the load is under way. */
  keep: boolean;
}

/** Keeps what `undefined` would mean apart from "not in the cache". */
interface Kept<V> {
  readonly value: V;
}

export class LoadCache<V> {
  readonly #kept: Generations<Kept<V>>;
  readonly #absent: Generations<Kept<V>>;
  readonly #loads = new Map<string, Load<V>>();
  readonly #usable: () => boolean;

  /**
   * @param entries most values kept; `absent` is the bound for loads that found nothing (undefined).
   * @param usable false while nothing kept may be trusted.
   */
  constructor(entries: number, absent: number, usable: () => boolean) {
    this.#kept = new Generations(entries);
    this.#absent = new Generations(absent);
    this.#usable = usable;
  }

  /** The kept value, or what `load` gives; concurrent askers share one load. */
  get(key: string, load: () => Promise<V>): Promise<V> {
    if (!this.#usable()) return load();
    const kept = this.#kept.get(key) ?? this.#absent.get(key);
    if (kept !== undefined) return Promise.resolve(kept.value);
    const running = this.#loads.get(key);
    if (running !== undefined) return running.promise;
    return this.#load(key, load);
  }

  /** Forgets the key: called after the commit that changed it and before anybody is told of the commit. */
  drop(key: string): void {
    this.#kept.delete(key);
    this.#absent.delete(key);
    const load = this.#loads.get(key);
    if (load === undefined) return;
    load.keep = false;
    this.#loads.delete(key);
  }

  clear(): void {
    this.#kept.clear();
    this.#absent.clear();
    for (const load of this.#loads.values()) load.keep = false;
    this.#loads.clear();
  }

  get size(): number {
    return this.#kept.size + this.#absent.size;
  }

  #load(key: string, load: () => Promise<V>): Promise<V> {
    const promise = load().then(
      (value) => {
        if (entry.keep) {
          this.#loads.delete(key);
          if (this.#usable()) (value === undefined ? this.#absent : this.#kept).set(key, { value });
        }
        return value;
      },
      (error: unknown) => {
        if (entry.keep) this.#loads.delete(key);
        throw error;
      },
    );
    const entry: Load<V> = { promise, keep: true };
    this.#loads.set(key, entry);
    return promise;
  }
}
