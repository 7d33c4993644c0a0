import type { WireAnswer } from './acting-role.ts';

/** Reads answers of other products, whose form is the vendor's and not in our types. Anything unexpected throws. */
export class AnswerReader {
  readonly #answer: WireAnswer;
  readonly #what: string;

  constructor(answer: unknown, what: string) {
    if (typeof answer !== 'object' || answer === null) throw new TypeError(`${what} is no structure`);
    this.#answer = answer as WireAnswer;
    this.#what = what;
  }

  text(name: string): string {
    const value = this.optionalText(name);
    if (value === undefined) throw new TypeError(`${this.#what} lacks ${name}`);
    return value;
  }

  optionalText(name: string): string | undefined {
    const value = this.#answer[name];
    if (value === undefined || typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    throw new TypeError(`${this.#what}.${name} is no text`);
  }

  number(name: string): number {
    const value = Number(this.text(name));
    if (!Number.isFinite(value)) throw new TypeError(`${this.#what}.${name} is no number`);
    return value;
  }

  struct(name: string): AnswerReader {
    return new AnswerReader(this.#answer[name], `${this.#what}.${name}`);
  }

  /** A list with or without the vendor's wrapping: `Clusters: [...]`, `Clusters: {Cluster: [...]}`. Absent means empty. */
  list(name: string): readonly AnswerReader[] {
    return this.#items(name).map((item, at) => new AnswerReader(item, `${this.#what}.${name}[${at}]`));
  }

  textList(name: string): readonly string[] {
    return this.#items(name).map((item) => String(item));
  }

  #items(name: string): readonly unknown[] {
    const value = this.#answer[name];
    if (value === undefined) return [];
    if (Array.isArray(value)) return value;
    if (typeof value === 'object' && value !== null) {
      // PlainList, and the double wrapping: both hold the items in their one array member.
      const inner = Object.values(value).find((member) => Array.isArray(member));
      if (inner !== undefined) return inner as readonly unknown[];
    }
    throw new TypeError(`${this.#what}.${name} is no list`);
  }
}
