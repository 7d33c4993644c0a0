import { INSTANCE_NUMBERS } from '../domain/hsm-service/instance-states.ts';
import type { ActingRole } from './acting-role.ts';
import type { ShownCertificates } from './security-domain.ts';
import { AnswerReader } from './wire-answer.ts';

/** An HSM cluster as the HSM service shows it to the role. */
export interface ClusterView {
  readonly clusterId: string;
  /** `NEW`, `INITIALIZED`, `SYNCHRONIZING`, `TO_DELETE`, `DELETED`. */
  readonly status: string;
  readonly vpcId: string;
  readonly zones: readonly { readonly vSwitchId: string; readonly zoneId: string }[];
  readonly certificates: ShownCertificates;
}

/** A cluster's HSM. */
export interface MemberView {
  readonly instanceId: string;
  /** Absent until the HSM has an address in the VPC. */
  readonly ip: string | undefined;
  readonly master: boolean;
  /** Enabled, and neither paused nor broken. */
  readonly active: boolean;
}

const PAGE = '100';

/** Looks the cluster up; undefined when there is none of that id in the account and region. */
export async function viewCluster(
  role: ActingRole,
  region: string,
  clusterId: string,
): Promise<ClusterView | undefined> {
  const answer = await role.call('Hsm', 'DescribeClusters', { RegionId: region, ClusterId: clusterId });
  const found = new AnswerReader(answer, 'DescribeClusters')
    .list('Clusters')
    .find((cluster) => cluster.text('ClusterId') === clusterId);
  if (found === undefined) return undefined;
  const certificates = found.struct('Certificates');
  return {
    clusterId,
    status: found.text('ClusterStatus'),
    vpcId: found.optionalText('VpcId') ?? '',
    zones: found
      .list('ClusterZones')
      .map((zone) => ({ vSwitchId: zone.text('VSwitchId'), zoneId: zone.optionalText('ZoneNo') ?? '' })),
    certificates: {
      owner: certificates.optionalText('ClusterOwnerCertificate') ?? '',
      cluster: certificates.optionalText('ClusterCertificate') ?? '',
    },
  };
}

/** The cluster's HSMs, the master first, then by id. */
export async function viewMembers(role: ActingRole, region: string, clusterId: string): Promise<MemberView[]> {
  const parameters = { RegionId: region, ClusterId: clusterId, PageSize: PAGE };
  const answer = await role.call('Hsm', 'DescribeInstances', parameters);
  const members = new AnswerReader(answer, 'DescribeInstances')
    .list('Instances')
    .filter((hsm) => hsm.optionalText('ClusterId') === clusterId)
    .map((hsm): MemberView => {
      const ip = hsm.optionalText('Ip');
      return {
        instanceId: hsm.text('InstanceId'),
        ip: ip === '' ? undefined : ip,
        master: hsm.optionalText('IsMaster') === 'true',
        active: hsm.number('HsmStatus') === INSTANCE_NUMBERS.ACTIVE,
      };
    });
  const rank = (member: MemberView): string => `${member.master ? 0 : 1}${member.instanceId}`;
  return members.sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
}

/** Initialised; members may still be catching up. */
export function isReady(cluster: ClusterView): boolean {
  return cluster.status === 'INITIALIZED' || cluster.status === 'SYNCHRONIZING';
}

/** Nothing can bring it back: its master has left, or it is deleted. */
export function isLost(cluster: ClusterView): boolean {
  return cluster.status === 'TO_DELETE' || cluster.status === 'DELETED';
}
