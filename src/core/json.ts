import { quoted } from './quoted.ts';

/** A number as it was written: to whom every scalar is text, `1.50` must stay `1.50`. */
export interface JsonNumber {
  readonly number: string;
}

export type JsonObject = ReadonlyMap<string, Json>;

/** A JSON value; objects are maps, so that member names such as `__proto__` mean nothing. */
export type Json = string | boolean | null | JsonNumber | readonly Json[] | JsonObject;

/** Keeps the recursive reader off the end of the stack. */
const MAX_DEPTH = 16;

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

/** Why a text is not read. */
export class JsonRefused extends Error {
  /** Not JSON, a member written twice, or nested too deep. */
  readonly kind: 'syntax' | 'twice' | 'depth';
  /** Member at fault, such as `a[0].b`; empty for the whole. */
  readonly path: string;

  constructor(kind: JsonRefused['kind'], path: string, problem: string) {
    super(problem);
    this.name = 'JsonRefused';
    this.kind = kind;
    this.path = path;
  }
}

/**
 * Reads JSON as RFC 8259 has it. For texts that callers send, in the place of `JSON.parse`, which takes a member
 * written twice, silently the last, and which in the V8 of Node.js 26 reads a name of one character that is written as
 * an escape as another name, once somebody has sent an object with the name `\\` in its place. Throws {@link JsonRefused}.
 */
export function readJson(text: string): Json {
  let at = 0;
  const path: (string | number)[] = [];

  function where(): string {
    return path.reduce<string>(
      (said, step) => (typeof step === 'number' ? `${said}[${step}]` : said === '' ? step : `${said}.${step}`),
      '',
    );
  }

  function unexpected(): JsonRefused {
    const before = text.slice(0, at).split('\n');
    const place = `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
    const found = at < text.length ? quoted(String.fromCodePoint(text.codePointAt(at)!)) : 'end of text';
    return new JsonRefused('syntax', '', `it is not valid JSON (unexpected ${found} at ${place})`);
  }

  function space(): void {
    while (at < text.length && ' \t\n\r'.includes(text[at]!)) at += 1;
  }

  function expect(token: string): void {
    if (!text.startsWith(token, at)) throw unexpected();
    at += token.length;
  }

  function escaped(): string {
    const known = ESCAPES.get(text[at] ?? '');
    if (known !== undefined) {
      at += 1;
      return known;
    }
    const hex = text.slice(at + 1, at + 5);
    if (text[at] !== 'u' || !/^[0-9a-fA-F]{4}$/.test(hex)) throw unexpected();
    at += 5;
    return String.fromCharCode(Number.parseInt(hex, 16));
  }

  function string(): string {
    expect('"');
    let value = '';
    for (;;) {
      const from = at;
      while (at < text.length && text[at] !== '"' && text[at] !== '\\' && text[at]! >= ' ') at += 1;
      value += text.slice(from, at);
      if (text[at] === '"') break;
      expect('\\');
      value += escaped();
    }
    at += 1;
    return value;
  }

  function number(): JsonNumber {
    NUMBER.lastIndex = at;
    const found = NUMBER.exec(text);
    if (found === null) throw unexpected();
    at += found[0].length;
    return { number: found[0] };
  }

  function array(): readonly Json[] {
    const items: Json[] = [];
    expect('[');
    space();
    if (text[at] !== ']') {
      for (;;) {
        path.push(items.length);
        items.push(value());
        path.pop();
        if (text[at] !== ',') break;
        at += 1;
      }
    }
    expect(']');
    return items;
  }

  function object(): JsonObject {
    const members = new Map<string, Json>();
    expect('{');
    space();
    if (text[at] !== '}') {
      for (;;) {
        space();
        const name = string();
        path.push(name);
        if (members.has(name)) throw new JsonRefused('twice', where(), 'the member is written twice');
        space();
        expect(':');
        members.set(name, value());
        path.pop();
        if (text[at] !== ',') break;
        at += 1;
      }
    }
    expect('}');
    return members;
  }

  function bare(): Json {
    switch (text[at]) {
      case '{':
        return object();
      case '[':
        return array();
      case '"':
        return string();
      case 't':
        expect('true');
        return true;
      case 'f':
        expect('false');
        return false;
      case 'n':
        expect('null');
        return null;
      default:
        return number();
    }
  }

  function value(): Json {
    if (path.length > MAX_DEPTH) throw new JsonRefused('depth', '', `it is nested more than ${MAX_DEPTH} levels deep`);
    space();
    const read = bare();
    space();
    return read;
  }

  const root = value();
  if (at < text.length) throw unexpected();
  return root;
}

function isObject(json: Json): json is JsonObject {
  return json instanceof Map;
}

/** The value as `JSON.parse` gives it: objects, arrays, numbers. */
export function plainJson(json: Json): unknown {
  if (isObject(json)) return Object.fromEntries([...json].map(([name, value]) => [name, plainJson(value)]));
  if (Array.isArray(json)) return json.map(plainJson);
  if (typeof json === 'object' && json !== null) return Number((json as JsonNumber).number);
  return json;
}
