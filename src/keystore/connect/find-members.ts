import type { StoreMember } from '../../domain/kms/key-store.ts';
import type { ActingRole } from '../acting-role.ts';
import { type ClusterView, viewMembers } from '../cluster-view.ts';
import type { Attempt } from './attempt.ts';
import { ConnectFailure } from './failure.ts';

/** Step 3: the cluster's HSMs that are in service and have an address; at least one. */
export async function findMembers(attempt: Attempt, role: ActingRole, cluster: ClusterView): Promise<StoreMember[]> {
  const all = await viewMembers(role, attempt.place.region, cluster.clusterId);
  const members = all.flatMap(({ instanceId, ip, active }) => (active && ip !== undefined ? [{ instanceId, ip }] : []));
  if (members.length === 0) {
    throw new ConnectFailure('InsufficientHsms', `None of the ${all.length} HSMs of the cluster is in service.`);
  }
  return members;
}
