import { percentEncode } from './percent.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: exactly the ASCII range is meant
const ASCII = /^[\x00-\x7f]*$/;

type Pair = readonly [string, string];

function byName([a]: Pair, [b]: Pair): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** UTF-16 order and code-point order differ beyond ASCII; UTF-8 bytes sort as code points do. */
function byCodePoint([a]: Pair, [b]: Pair): number {
  return Buffer.compare(Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8'));
}

/**
 * `name=value` pairs in canonical encoding, sorted by name in code-point order, joined with `&`; an empty value keeps
 * its `=`. Both signature versions sign this. Names are encoded too, which some SDKs leave out: left raw, two
 * parameters could be shifted into one without breaking the signature.
 */
export function canonicalQuery(pairs: Iterable<Pair>): string {
  const sorted = [...pairs];
  sorted.sort(sorted.every(([name]) => ASCII.test(name)) ? byName : byCodePoint);
  return sorted.map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`).join('&');
}
