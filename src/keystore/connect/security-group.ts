import type { ActingRole } from '../acting-role.ts';
import type { ClusterView } from '../cluster-view.ts';
import { AnswerReader } from '../wire-answer.ts';
import { type Attempt, partName } from './attempt.ts';
import type { StartingParts } from './find-parts.ts';

/** Step 7: the store's security group; the one of an earlier attempt, or a new one. */
export async function securityGroup(
  attempt: Attempt,
  role: ActingRole,
  cluster: ClusterView,
  parts: StartingParts,
): Promise<string> {
  if (parts.group !== undefined) return parts.group.securityGroupId;
  const { keyStoreId } = attempt.store;
  const answer = await role.call('Ecs', 'CreateSecurityGroup', {
    RegionId: attempt.place.region,
    VpcId: cluster.vpcId,
    SecurityGroupName: partName(keyStoreId),
    SecurityGroupType: 'normal',
    Description: `Made by KMS for key store ${keyStoreId}`,
  });
  return new AnswerReader(answer, 'CreateSecurityGroup').text('SecurityGroupId');
}
