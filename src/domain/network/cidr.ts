import { IPV4_SPACE, parseIpv4 } from './ipv4.ts';

/** A block of IPv4 addresses: `first` to `first + 2^(32 - bits) - 1`, aligned to its size. */
export interface Cidr {
  readonly first: number;
  /** Prefix length, 0 to 32. */
  readonly bits: number;
}

const PREFIX = /^(0|[1-9]\d?)$/;

export function cidrSize(cidr: Cidr): number {
  return IPV4_SPACE / 2 ** cidr.bits;
}

/** Reads `a.b.c.d/n`; undefined unless the address is the first of its block (no host bits). */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/');
  if (slash < 0) return undefined;
  const first = parseIpv4(text.slice(0, slash));
  const prefix = text.slice(slash + 1);
  const bits = Number(prefix);
  if (first === undefined || !PREFIX.test(prefix) || bits > 32) return undefined;
  return first % (IPV4_SPACE / 2 ** bits) === 0 ? { first, bits } : undefined;
}

/** Reads a block or a single address, which is a block of one. */
export function parseCidrOrAddress(text: string): Cidr | undefined {
  if (text.includes('/')) return parseCidr(text);
  const first = parseIpv4(text);
  return first === undefined ? undefined : { first, bits: 32 };
}

export function cidrHas(cidr: Cidr, address: number): boolean {
  return address >= cidr.first && address < cidr.first + cidrSize(cidr);
}

/** Whether `inner` is `outer` or a part of it. */
export function cidrWithin(inner: Cidr, outer: Cidr): boolean {
  return inner.bits >= outer.bits && cidrHas(outer, inner.first);
}

/** Whether the blocks share an address. Blocks are aligned, so one then holds the other. */
export function cidrsOverlap(a: Cidr, b: Cidr): boolean {
  return cidrWithin(a, b) || cidrWithin(b, a);
}
