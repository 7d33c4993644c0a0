import type { Place } from '../../domain/storage.ts';
import type { ActingRole } from '../acting-role.ts';
import type { ClusterView } from '../cluster-view.ts';
import { AnswerReader } from '../wire-answer.ts';
import { type Attempt, partName } from './attempt.ts';
import { ConnectFailure } from './failure.ts';
import type { FoundVSwitch } from './find-vswitches.ts';

export interface FoundGroup {
  readonly securityGroupId: string;
  readonly vpcId: string;
}

export interface FoundInterface {
  readonly networkInterfaceId: string;
  readonly vpcId: string;
  readonly vSwitchId: string;
  readonly privateIp: string;
  readonly status: string;
  readonly securityGroupIds: readonly string[];
}

/** What KMS has made for a store in the account's network and is still there, found by its name. */
export interface StoreParts {
  readonly groups: readonly FoundGroup[];
  readonly interfaces: readonly FoundInterface[];
}

const PAGE = '50';

function interfaceOf(one: AnswerReader): FoundInterface {
  return {
    networkInterfaceId: one.text('NetworkInterfaceId'),
    vpcId: one.text('VpcId'),
    vSwitchId: one.text('VSwitchId'),
    privateIp: one.text('PrivateIpAddress'),
    status: one.text('Status'),
    securityGroupIds: one.textList('SecurityGroupIds'),
  };
}

/** Interfaces of a name; also the look at single ones, by their ids. */
export async function viewInterfaces(
  role: ActingRole,
  place: Place,
  filter: Readonly<Record<string, string>>,
): Promise<FoundInterface[]> {
  const answer = await role.call('Ecs', 'DescribeNetworkInterfaces', {
    RegionId: place.region,
    PageSize: PAGE,
    ...filter,
  });
  return new AnswerReader(answer, 'DescribeNetworkInterfaces').list('NetworkInterfaceSets').map(interfaceOf);
}

/** Everything that carries the store's name. */
export async function viewParts(role: ActingRole, place: Place, keyStoreId: string): Promise<StoreParts> {
  const name = partName(keyStoreId);
  const groups = await role.call('Ecs', 'DescribeSecurityGroups', {
    RegionId: place.region,
    SecurityGroupName: name,
    PageSize: PAGE,
  });
  return {
    groups: new AnswerReader(groups, 'DescribeSecurityGroups')
      .list('SecurityGroups')
      .filter((group) => group.text('SecurityGroupName') === name)
      .map((group) => ({ securityGroupId: group.text('SecurityGroupId'), vpcId: group.text('VpcId') })),
    interfaces: await viewInterfaces(role, place, { NetworkInterfaceName: name }),
  };
}

/** What an attempt starts from: parts of earlier attempts that it uses again, and those it cannot use. */
export interface StartingParts {
  readonly group: FoundGroup | undefined;
  readonly interfaces: readonly FoundInterface[];
  /** Ids of parts that stay unused, for example in the VPC of another cluster. */
  readonly unused: readonly string[];
}

/**
 * Step 6, and the look at interfaces left over: finds what earlier attempts made. Also the place where free addresses
 * are judged, for only a vSwitch without an interface needs one, and nothing has been made yet.
 */
export async function findParts(
  attempt: Attempt,
  role: ActingRole,
  cluster: ClusterView,
  vSwitches: readonly FoundVSwitch[],
): Promise<StartingParts> {
  const parts = await viewParts(role, attempt.place, attempt.store.keyStoreId);
  const group = parts.groups.find((one) => one.vpcId === cluster.vpcId);
  const interfaces = vSwitches.flatMap(({ vSwitchId }) => {
    const fit = parts.interfaces.find(
      (one) =>
        one.vSwitchId === vSwitchId && group !== undefined && one.securityGroupIds.includes(group.securityGroupId),
    );
    return fit === undefined ? [] : [fit];
  });
  for (const { vSwitchId, freeAddresses } of vSwitches) {
    const has = interfaces.some((one) => one.vSwitchId === vSwitchId);
    if (!has && freeAddresses < 1) {
      throw new ConnectFailure('InsufficientFreeAddresses', `vSwitch ${vSwitchId} has no free address.`);
    }
  }
  const used = new Set([group?.securityGroupId, ...interfaces.map((one) => one.networkInterfaceId)]);
  const all = [
    ...parts.interfaces.map((one) => one.networkInterfaceId),
    ...parts.groups.map((one) => one.securityGroupId),
  ];
  return { group, interfaces, unused: all.filter((id) => !used.has(id)) };
}
