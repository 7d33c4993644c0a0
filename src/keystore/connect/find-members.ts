import type { StoreMember } from '../../domain/kms/key-store.ts';
import type { ActingRole } from '../acting-role.ts';
import { type ClusterView, viewMembers } from '../cluster-view.ts';
import type { Attempt } from './attempt.ts';
import { ConnectFailure } from './failure.ts';

/**
 * Step 3: the cluster's HSMs that have an address; at least one of them in service. Those that are paused count too: a
 * key must be on as many members as the quorum asks of the whole cluster, and they are used again once they are back.
 */
export async function findMembers(attempt: Attempt, role: ActingRole, cluster: ClusterView): Promise<StoreMember[]> {
  const all = await viewMembers(role, attempt.place.region, cluster.clusterId);
  const addressed = all.flatMap(({ instanceId, ip, active }) => (ip === undefined ? [] : [{ instanceId, ip, active }]));
  if (!addressed.some((one) => one.active)) {
    throw new ConnectFailure('InsufficientHsms', `None of the ${all.length} HSMs of the cluster is in service.`);
  }
  return addressed.map(({ instanceId, ip }) => ({ instanceId, ip }));
}
