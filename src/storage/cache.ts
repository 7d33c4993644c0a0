/**
 * A bounded cache of values loaded from the database, safe against loads that race with commits.
 *
 * INVARIANT: a value whose load began before its key was dropped is never kept, nor given to anyone who asked after.
 */

interface Load<V> {
  readonly promise: Promise<V>;
  /** Cleared when the key is dropped while the load is under way. */
  keep: boolean;
}

/**
 * Keeps the entries used most recently: two generations, the older of which is forgotten when the younger is full. A
 * hit in the younger costs one look-up and no write.
 */
export class Generations<V> {
  readonly #half: number;
  #young = new Map<string, V>();
  #old = new Map<string, V>();

  /** Holds at most `entries` (at least 2). */
  constructor(entries: number) {
    this.#half = Math.max(1, Math.floor(entries / 2));
  }

  get(key: string): V | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old === undefined) return undefined;
    this.#old.delete(key);
    this.set(key, old);
    return old;
  }

  set(key: string, value: V): void {
    if (this.#young.size >= this.#half && !this.#young.has(key)) {
      this.#old = this.#young;
      this.#young = new Map();
    } else {
      this.#old.delete(key);
    }
    this.#young.set(key, value);
  }

  delete(key: string): void {
    this.#young.delete(key);
    this.#old.delete(key);
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }
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
