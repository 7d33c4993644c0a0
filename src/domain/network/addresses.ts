import type { Collection, Place, Reader, Transaction } from '../storage.ts';
import { type Cidr, cidrHas, cidrSize, parseCidr } from './cidr.ts';
import { formatIpv4, parseIpv4 } from './ipv4.ts';

/** Whoever holds an address in a VPC. */
export interface AddressOwner {
  readonly type: 'interface' | 'hsm';
  readonly id: string;
}

/** An address that is taken. One record per address, so that no two can hold the same. */
export interface AddressRecord {
  readonly vpcId: string;
  readonly vSwitchId: string;
  readonly ip: string;
  readonly owner: AddressOwner;
}

export function addressId(vpcId: string, ip: string): string {
  return `${vpcId}/${ip}`;
}

export const ADDRESSES: Collection<AddressRecord> = {
  kind: 'network.address',
  group: 'network',
  schema: 1,
  id: (address) => addressId(address.vpcId, address.ip),
  indexes: { vSwitch: (address) => address.vSwitchId },
};

/** The vendor keeps a vSwitch's first address and its last three for itself. */
const RESERVED_AT_START = 1;
const RESERVED_AT_END = 3;

/** How many addresses of a vSwitch's block its owner can use. */
export function usableCount(block: Cidr): number {
  return Math.max(0, cidrSize(block) - RESERVED_AT_START - RESERVED_AT_END);
}

export function isUsable(block: Cidr, address: number): boolean {
  return (
    cidrHas(block, address) &&
    address >= block.first + RESERVED_AT_START &&
    address < block.first + cidrSize(block) - RESERVED_AT_END
  );
}

/** The lowest address of the block that can be used and is not taken; undefined when there is none left. */
export function lowestFree(block: Cidr, taken: ReadonlySet<number>): number | undefined {
  const end = block.first + cidrSize(block) - RESERVED_AT_END;
  for (let address = block.first + RESERVED_AT_START; address < end; address += 1) {
    if (!taken.has(address)) return address;
  }
  return undefined;
}

/** A vSwitch as far as addresses are concerned. */
export interface AddressRange {
  readonly vpcId: string;
  readonly vSwitchId: string;
  readonly cidrBlock: string;
}

/** Addresses a vSwitch has left. */
export async function freeCount(read: Reader, place: Place, range: AddressRange): Promise<number> {
  const taken = await read.count(ADDRESSES, place, { index: 'vSwitch', value: range.vSwitchId });
  return usableCount(parseCidr(range.cidrBlock)!) - taken;
}

/** `none-left`, or what is wrong with the address asked for. */
export type AddressRefusal = 'none-left' | 'not-usable' | 'taken';

export type Taking = { readonly ok: true; readonly ip: string } | { readonly ok: false; readonly why: AddressRefusal };

/** Takes an address of the vSwitch for `owner`: the one asked for, or the lowest free. */
export async function takeAddress(
  tx: Transaction,
  place: Place,
  range: AddressRange,
  owner: AddressOwner,
  wanted?: string,
): Promise<Taking> {
  const block = parseCidr(range.cidrBlock)!;
  const { vpcId, vSwitchId } = range;
  let ip: string;
  if (wanted !== undefined) {
    const address = parseIpv4(wanted);
    if (address === undefined || !isUsable(block, address)) return { ok: false, why: 'not-usable' };
    if ((await tx.get(ADDRESSES, place, addressId(vpcId, wanted))) !== undefined) return { ok: false, why: 'taken' };
    ip = wanted;
  } else {
    const held = await tx.list(ADDRESSES, place, { index: 'vSwitch', value: vSwitchId });
    const free = lowestFree(block, new Set(held.map((address) => parseIpv4(address.ip)!)));
    if (free === undefined) return { ok: false, why: 'none-left' };
    ip = formatIpv4(free);
  }
  await tx.insert(ADDRESSES, place, { vpcId, vSwitchId, ip, owner });
  return { ok: true, ip };
}

/** Gives an address back; one that is not taken is a success. */
export async function giveBackAddress(tx: Transaction, place: Place, vpcId: string, ip: string): Promise<void> {
  await tx.remove(ADDRESSES, place, addressId(vpcId, ip));
}
