import { type Cidr, cidrsOverlap, cidrWithin, parseCidr } from './cidr.ts';

/** What a VPC gets when it names no block, as the vendor does. */
export const DEFAULT_VPC_BLOCK = '172.16.0.0/12';

/** Never part of a VPC: carrier-grade NAT, multicast, loopback, link-local, and "this network". */
const FOREIGN_BLOCKS = ['100.64.0.0/10', '224.0.0.0/3', '127.0.0.0/8', '169.254.0.0/16', '0.0.0.0/8'].map(
  (text) => parseCidr(text)!,
);

/** Reads the block of a VPC: 8 to 28 bits, clear of the blocks that mean something else. Undefined when it is not fit. */
export function vpcBlock(text: string): Cidr | undefined {
  const cidr = parseCidr(text);
  if (cidr === undefined || cidr.bits < 8 || cidr.bits > 28) return undefined;
  return FOREIGN_BLOCKS.some((foreign) => cidrsOverlap(cidr, foreign)) ? undefined : cidr;
}

/**
 * Judges the block of a new vSwitch: 16 to 29 bits, inside the VPC's block, apart from the blocks of its siblings.
 * `vpc` and `siblings` are blocks as stored.
 */
export function vSwitchBlock(
  text: string,
  vpc: string,
  siblings: readonly string[],
): { readonly ok: true; readonly cidr: Cidr } | { readonly ok: false; readonly why: 'malformed' | 'overlap' } {
  const cidr = parseCidr(text);
  if (cidr === undefined || cidr.bits < 16 || cidr.bits > 29 || !cidrWithin(cidr, parseCidr(vpc)!)) {
    return { ok: false, why: 'malformed' };
  }
  if (siblings.some((sibling) => cidrsOverlap(cidr, parseCidr(sibling)!))) return { ok: false, why: 'overlap' };
  return { ok: true, cidr };
}
