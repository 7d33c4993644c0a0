import { readOwnerCertificate } from '../../domain/owner-certificate.ts';
import type { ActingRole } from '../acting-role.ts';
import { type ClusterView, isLost, isReady, viewCluster } from '../cluster-view.ts';
import { domainMismatch } from '../security-domain.ts';
import type { Attempt } from './attempt.ts';
import { ConnectFailure } from './failure.ts';

/** Step 2: the cluster is there, initialised, and the one whose certificate the store was made with. */
export async function findCluster(attempt: Attempt, role: ActingRole): Promise<ClusterView> {
  const { place, store } = attempt;
  const cluster = await viewCluster(role, place.region, store.hsmClusterId);
  if (cluster === undefined || isLost(cluster)) {
    throw new ConnectFailure('ClusterNotFound', `HSM cluster ${store.hsmClusterId} is gone.`);
  }
  if (!isReady(cluster)) {
    throw new ConnectFailure('ClusterNotInitialized', `HSM cluster ${cluster.clusterId} is ${cluster.status}.`);
  }
  const owner = readOwnerCertificate(store.securityDomainCertificate);
  const fault = 'fault' in owner ? `${owner.fault}.` : domainMismatch(owner.certificate, cluster.certificates);
  if (fault !== undefined) {
    throw new ConnectFailure('SecurityDomainCertificateMismatch', `The security domain certificate: ${fault}`);
  }
  return cluster;
}
