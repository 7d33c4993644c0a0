import type { ActingRole } from '../acting-role.ts';
import type { ClusterView } from '../cluster-view.ts';
import { AnswerReader } from '../wire-answer.ts';
import type { Attempt } from './attempt.ts';
import { ConnectFailure } from './failure.ts';

/** One of the cluster's vSwitches, fit for an interface. */
export interface FoundVSwitch {
  readonly vSwitchId: string;
  readonly zoneId: string;
  readonly cidrBlock: string;
  readonly freeAddresses: number;
}

/** Step 5: each of the cluster's vSwitches is there and `Available`. */
export async function findVSwitches(
  attempt: Attempt,
  role: ActingRole,
  cluster: ClusterView,
): Promise<readonly FoundVSwitch[]> {
  // By their ids: the VPC may have more vSwitches than one page holds.
  const VSwitchId = cluster.zones.map((zone) => zone.vSwitchId).join(',');
  const parameters = { RegionId: attempt.place.region, VpcId: cluster.vpcId, VSwitchId, PageSize: '50' };
  const found = new AnswerReader(await role.call('Vpc', 'DescribeVSwitches', parameters), 'DescribeVSwitches');
  const all = new Map(found.list('VSwitches').map((one) => [one.text('VSwitchId'), one]));
  return cluster.zones.map(({ vSwitchId, zoneId }) => {
    const one = all.get(vSwitchId);
    if (one === undefined) throw new ConnectFailure('VSwitchNotFound', `vSwitch ${vSwitchId} is gone.`);
    const status = one.optionalText('Status') ?? 'Available';
    if (status !== 'Available') {
      throw new ConnectFailure('VSwitchNotFound', `vSwitch ${vSwitchId} is ${status}.`, { passing: true });
    }
    return {
      vSwitchId,
      zoneId: one.optionalText('ZoneId') ?? zoneId,
      cidrBlock: one.text('CidrBlock'),
      freeAddresses: one.number('AvailableIpAddressCount'),
    };
  });
}
