/**
 * Opened keys by their blob, least recently used out first. Lives as long as the process: handles mean nothing to the
 * next one.
 */
export class KeyCache {
  readonly #entries = new Map<string, Buffer>();
  readonly #limit: number;
  readonly #drop: (handle: Buffer) => void;

  /** `drop` destroys a key that has to make room. */
  constructor(limit: number, drop: (handle: Buffer) => void) {
    this.#limit = limit;
    this.#drop = drop;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(blob: string): Buffer | undefined {
    const handle = this.#entries.get(blob);
    if (handle === undefined) return undefined;
    this.#entries.delete(blob);
    this.#entries.set(blob, handle);
    return handle;
  }

  put(blob: string, handle: Buffer): void {
    while (this.#entries.size >= this.#limit) {
      const [oldest, old] = this.#entries.entries().next().value!;
      this.#entries.delete(oldest);
      this.#drop(old);
    }
    this.#entries.set(blob, handle);
  }

  /** Takes a handle out without destroying it. */
  take(blob: string): Buffer | undefined {
    const handle = this.#entries.get(blob);
    this.#entries.delete(blob);
    return handle;
  }

  /** Drops every key. */
  clear(): void {
    const handles = [...this.#entries.values()];
    this.#entries.clear();
    for (const handle of handles) this.#drop(handle);
  }
}
