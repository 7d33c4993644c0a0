import type { Parameters } from '../core/parameters.ts';

/** More parameters than any client sends; beyond it a request is refused unread. */
export const MAX_PARAMETERS = 1000;
const MAX_INDEX = 100_000;

/** A request's decoded parameters. Names are kept as sent; look-ups never reach a prototype. */
export class Params implements Parameters {
  readonly #values: ReadonlyMap<string, string>;

  constructor(values: ReadonlyMap<string, string>) {
    this.#values = values;
  }

  static of(values: Readonly<Record<string, string>>): Params {
    return new Params(new Map(Object.entries(values)));
  }

  get size(): number {
    return this.#values.size;
  }

  get(name: string): string | undefined {
    return this.#values.get(name);
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  names(): Iterable<string> {
    return this.#values.keys();
  }

  entries(): Iterable<[string, string]> {
    return this.#values.entries();
  }

  /** Numbers N of `prefix.N` and `prefix.N.…`, ascending. Gaps and 0 are taken as they come. */
  #indexes(prefix: string): number[] {
    const head = `${prefix}.`;
    const found = new Set<number>();
    for (const name of this.#values.keys()) {
      if (!name.startsWith(head)) continue;
      const end = name.indexOf('.', head.length);
      const digits = name.slice(head.length, end < 0 ? undefined : end);
      if (/^\d{1,6}$/.test(digits) && Number(digits) <= MAX_INDEX) found.add(Number(digits));
    }
    return [...found].sort((a, b) => a - b);
  }

  list(prefix: string): readonly string[] {
    const values: string[] = [];
    for (const index of this.#indexes(prefix)) {
      const value = this.#values.get(`${prefix}.${index}`);
      if (value !== undefined) values.push(value);
    }
    return values;
  }

  structs(prefix: string): readonly Params[] {
    return this.#indexes(prefix)
      .map((index) => this.group(`${prefix}.${index}`))
      .filter((group) => group.size > 0);
  }

  group(prefix: string): Params {
    const head = `${prefix}.`;
    const inner = new Map<string, string>();
    for (const [name, value] of this.#values) if (name.startsWith(head)) inner.set(name.slice(head.length), value);
    return new Params(inner);
  }
}
