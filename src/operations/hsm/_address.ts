import type { HsmInstanceRecord, HsmNetwork } from '../../domain/hsm-service/instance.ts';
import { type AddressRefusal, giveBackAddress, takeAddress } from '../../domain/network/addresses.ts';
import type { VSwitchRecord } from '../../domain/network/vpc.ts';
import type { Place, Transaction } from '../../domain/storage.ts';
import { fail } from '../../errors/fault.ts';
import type { ErrorCode } from '../../errors/table.ts';

export const ADDRESS_ERRORS = [
  'InvalidVSwitchId.IpNotEnough',
  'InvalidIp.Address',
  'InvalidIp.IpAssigned',
] as const satisfies readonly ErrorCode[];

function addressFault(why: AddressRefusal, vSwitchId: string, ip: string) {
  if (why === 'none-left') return fail('InvalidVSwitchId.IpNotEnough', { id: vSwitchId });
  return fail(why === 'taken' ? 'InvalidIp.IpAssigned' : 'InvalidIp.Address', { ip });
}

/** Puts the HSM into a vSwitch: takes the address and gives an earlier one back. Throws one of {@link ADDRESS_ERRORS}. */
export async function placeHsm(
  tx: Transaction,
  place: Place,
  hsm: HsmInstanceRecord,
  vSwitch: VSwitchRecord,
  ip?: string,
): Promise<HsmNetwork> {
  if (hsm.network !== undefined) await giveBackAddress(tx, place, hsm.network.vpcId, hsm.network.ip);
  const taking = await takeAddress(tx, place, vSwitch, { type: 'hsm', id: hsm.instanceId }, ip);
  if (!taking.ok) throw addressFault(taking.why, vSwitch.vSwitchId, ip ?? '');
  return { vpcId: vSwitch.vpcId, vSwitchId: vSwitch.vSwitchId, zoneId: vSwitch.zoneId, ip: taking.ip };
}
