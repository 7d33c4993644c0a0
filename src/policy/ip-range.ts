/** An address: one signed 32-bit word for IPv4, four for IPv6. IPv4 written as mapped IPv6 (`::ffff:a.b.c.d`) is IPv4. */
export type IpAddress = readonly number[];

/** The addresses that share the first bits of `base`: one mask per word. */
export interface IpRange {
  readonly base: IpAddress;
  readonly masks: readonly number[];
}

/** The character code of a dot, counted from that of the digit nought. */
const DOT = -2;
const GROUP = /^[0-9a-fA-F]{1,4}$/;
const PREFIX = /^(?:0|[1-9]\d{0,2})$/;

/** By characters: this runs in every decision that looks at an address. */
function parseV4(text: string): number | undefined {
  let word = 0;
  let octet = -1;
  let dots = 0;
  for (let i = 0; i < text.length; i += 1) {
    const digit = text.charCodeAt(i) - 48;
    if (digit === DOT && octet >= 0) {
      word = (word << 8) | octet;
      octet = -1;
      dots += 1;
    } else if (digit >= 0 && digit <= 9 && octet !== 0) {
      octet = octet < 0 ? digit : octet * 10 + digit;
      if (octet > 255) return undefined;
    } else {
      return undefined;
    }
  }
  return dots === 3 && octet >= 0 ? (word << 8) | octet : undefined;
}

/** The 16-bit groups on one side of `::`; a dotted IPv4 address may stand for the last two. */
function groups(text: string, mayEndDotted: boolean): readonly number[] | undefined {
  if (text === '') return [];
  const found: number[] = [];
  const parts = text.split(':');
  for (const [i, part] of parts.entries()) {
    if (GROUP.test(part)) {
      found.push(Number.parseInt(part, 16));
      continue;
    }
    const dotted = mayEndDotted && i === parts.length - 1 ? parseV4(part) : undefined;
    if (dotted === undefined) return undefined;
    found.push(dotted >>> 16, dotted & 0xffff);
  }
  return found;
}

function parseV6(text: string): IpAddress | undefined {
  const sides = text.split('::');
  if (sides.length > 2) return undefined;
  const left = groups(sides[0]!, sides.length === 1);
  const right = sides.length === 2 ? groups(sides[1]!, true) : [];
  if (left === undefined || right === undefined) return undefined;
  const missing = 8 - left.length - right.length;
  if (sides.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const all = [...left, ...Array<number>(missing).fill(0), ...right];
  return [0, 2, 4, 6].map((i) => (all[i]! << 16) | all[i + 1]!);
}

function isMapped(words: IpAddress): boolean {
  return words.length === 4 && words[0] === 0 && words[1] === 0 && words[2] === 0xffff;
}

function parseWords(text: string): IpAddress | undefined {
  const v4 = parseV4(text);
  return v4 === undefined ? parseV6(text) : [v4];
}

/** Reads `192.0.2.1`, `2001:db8::1` or `::ffff:192.0.2.1`; undefined for anything else. */
export function parseAddress(text: string): IpAddress | undefined {
  const words = parseWords(text);
  return words !== undefined && isMapped(words) ? [words[3]!] : words;
}

function maskOf(bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 32 ? -1 : -1 << (32 - bits);
}

/** Reads a single address or CIDR notation; bits beyond the prefix are ignored (`10.1.2.3/8` is `10.0.0.0/8`). */
export function parseRange(text: string): IpRange | undefined {
  const [address = '', prefix, extra] = text.split('/');
  const words = parseWords(address);
  if (words === undefined || extra !== undefined) return undefined;
  const width = words.length * 32;
  if (prefix !== undefined && (!PREFIX.test(prefix) || Number(prefix) > width)) return undefined;
  const bits = prefix === undefined ? width : Number(prefix);
  const [base, length] = isMapped(words) && bits >= 96 ? [[words[3]!], bits - 96] : [words, bits];
  return { base, masks: base.map((_, i) => maskOf(length - 32 * i)) };
}

/** Whether the address lies in the range; never across families. */
export function isInRange(address: IpAddress, range: IpRange): boolean {
  if (address.length !== range.base.length) return false;
  for (let i = 0; i < address.length; i += 1) {
    if (((address[i]! ^ range.base[i]!) & range.masks[i]!) !== 0) return false;
  }
  return true;
}
