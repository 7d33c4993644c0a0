import type { ActingRole } from '../acting-role.ts';
import type { ClusterView } from '../cluster-view.ts';
import { AnswerReader } from '../wire-answer.ts';
import type { Attempt } from './attempt.ts';
import { ConnectFailure } from './failure.ts';

/** Step 4: the cluster's VPC is there and `Available`. */
export async function findVpc(attempt: Attempt, role: ActingRole, cluster: ClusterView): Promise<void> {
  const answer = await role.call('Vpc', 'DescribeVpcs', { RegionId: attempt.place.region, VpcId: cluster.vpcId });
  const vpc = new AnswerReader(answer, 'DescribeVpcs').list('Vpcs').find((one) => one.text('VpcId') === cluster.vpcId);
  if (vpc === undefined) throw new ConnectFailure('NetworkErrors', `VPC ${cluster.vpcId} is gone.`);
  const status = vpc.optionalText('Status') ?? 'Available';
  if (status !== 'Available') {
    throw new ConnectFailure('NetworkErrors', `VPC ${cluster.vpcId} is ${status}.`, { passing: true });
  }
}
