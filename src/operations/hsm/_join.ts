import type { HsmClusterRecord } from '../../domain/hsm-service/cluster.ts';
import { HSM_INSTANCES, type HsmInstanceRecord } from '../../domain/hsm-service/instance.ts';
import { freeCount } from '../../domain/network/addresses.ts';
import { V_SWITCHES, type VSwitchRecord } from '../../domain/network/vpc.ts';
import type { Place, Reader } from '../../domain/storage.ts';
import { fail } from '../../errors/fault.ts';
import type { ErrorCode } from '../../errors/table.ts';
import { stateAfter } from './_instance.ts';

export const JOIN_ERRORS = [
  'InvalidInstance.NotFound',
  'IncorrectInstanceStatus',
  'InstanceInCluster',
  'InstanceInitialized',
  'HsmModelMismatch',
  'InvalidClusterVSwitches',
  'InvalidVSwitchId.NotFound',
] as const satisfies readonly ErrorCode[];

/** An HSM that may join the cluster: in none, not initialised, of the same vendor, and in the VPC if anywhere. Throws. */
export async function newcomer(
  read: Reader,
  place: Place,
  cluster: HsmClusterRecord,
  vendor: string,
  id: string,
): Promise<HsmInstanceRecord> {
  const hsm = await read.get(HSM_INSTANCES, place, id);
  if (hsm === undefined) throw fail('InvalidInstance.NotFound');
  stateAfter(hsm, 'join-cluster');
  if (hsm.clusterId !== undefined) throw fail('InstanceInCluster', { id, cluster: hsm.clusterId });
  if (hsm.initialised) throw fail('InstanceInitialized', { id });
  if (hsm.vendor !== vendor) throw fail('HsmModelMismatch');
  const at = hsm.network?.vSwitchId;
  if (at !== undefined && !cluster.zones.some((zone) => zone.vSwitchId === at)) {
    throw fail('InvalidClusterVSwitches', { why: `${id} is in ${at}, which is none of the cluster's` });
  }
  return hsm;
}

/** The vSwitch for a newcomer without address: the one with the fewest members, so that zones fill evenly. */
export async function homeFor(
  read: Reader,
  place: Place,
  cluster: HsmClusterRecord,
  members: readonly HsmInstanceRecord[],
): Promise<VSwitchRecord> {
  const count = (vSwitchId: string): number =>
    members.filter((member) => member.network?.vSwitchId === vSwitchId).length;
  const [emptiest] = [...cluster.zones].sort((a, b) => count(a.vSwitchId) - count(b.vSwitchId));
  const vSwitch = await read.get(V_SWITCHES, place, emptiest!.vSwitchId);
  if (vSwitch === undefined) throw fail('InvalidVSwitchId.NotFound');
  return vSwitch;
}

/** Each newcomer without address will find one, as far as can be told now; throws `InvalidVSwitchId.IpNotEnough`. */
export async function requireAddresses(
  read: Reader,
  place: Place,
  cluster: HsmClusterRecord,
  members: readonly HsmInstanceRecord[],
  newcomers: readonly HsmInstanceRecord[],
): Promise<void> {
  const planned = [...members];
  const wanted = new Map<string, number>();
  for (const hsm of newcomers) {
    if (hsm.network !== undefined) {
      planned.push(hsm);
      continue;
    }
    const { vpcId, vSwitchId, zoneId, ...home } = await homeFor(read, place, cluster, planned);
    const count = (wanted.get(vSwitchId) ?? 0) + 1;
    if (count > (await freeCount(read, place, { vpcId, vSwitchId, ...home }))) {
      throw fail('InvalidVSwitchId.IpNotEnough', { id: vSwitchId });
    }
    wanted.set(vSwitchId, count);
    planned.push({ ...hsm, network: { vpcId, vSwitchId, zoneId, ip: '' } });
  }
}
