import type { Parameters } from '../core/parameters.ts';

/** More parameters than any client sends; beyond it a request is refused unread. */
export const MAX_PARAMETERS = 1000;
const MAX_INDEX = 100_000;

/** The number a name's segment stands for: 0 to 100,000 without leading zeroes, so that no two names share one. */
function indexOf(segment: string): number | undefined {
  return /^(?:0|[1-9]\d{0,5})$/.test(segment) && Number(segment) <= MAX_INDEX ? Number(segment) : undefined;
}

/**
 * A request's decoded parameters. Names are kept as sent; look-ups never reach a prototype. List numbers may have gaps
 * and start at 0; names whose number is above 100,000 or padded belong to no list and are ignored like any unknown name.
 */
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

  list(prefix: string): readonly string[] {
    const head = `${prefix}.`;
    const found: [number, string][] = [];
    for (const [name, value] of this.#values) {
      if (!name.startsWith(head)) continue;
      const index = indexOf(name.slice(head.length));
      if (index !== undefined) found.push([index, value]);
    }
    return found.sort(([a], [b]) => a - b).map(([, value]) => value);
  }

  structs(prefix: string): readonly Params[] {
    const head = `${prefix}.`;
    const found = new Map<number, Map<string, string>>();
    for (const [name, value] of this.#values) {
      if (!name.startsWith(head)) continue;
      const dot = name.indexOf('.', head.length);
      const index = dot < 0 ? undefined : indexOf(name.slice(head.length, dot));
      if (index === undefined) continue;
      const members = found.get(index) ?? new Map<string, string>();
      members.set(name.slice(dot + 1), value);
      found.set(index, members);
    }
    return [...found].sort(([a], [b]) => a - b).map(([, members]) => new Params(members));
  }

  group(prefix: string): Params {
    const head = `${prefix}.`;
    const inner = new Map<string, string>();
    for (const [name, value] of this.#values) if (name.startsWith(head)) inner.set(name.slice(head.length), value);
    return new Params(inner);
  }
}
