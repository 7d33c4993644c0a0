import type { X509Certificate } from 'node:crypto';
import { KEY_STORE_ROLE } from '../../domain/kms/key-store-role.ts';
import { readOwnerCertificate } from '../../domain/owner-certificate.ts';
import { Fault, fail } from '../../errors/fault.ts';
import type { ErrorCode } from '../../errors/table.ts';
import { type ActingRole, actAsRole, RoleMissing } from '../../keystore/acting-role.ts';
import { type ClusterView, isReady, viewCluster, viewMembers } from '../../keystore/cluster-view.ts';
import { domainMismatch } from '../../keystore/security-domain.ts';
import type { HandlerContext } from '../../operation/context.ts';
import type { KmsPorts } from './_product.ts';

/** What looking a cluster up as the role may answer. */
export const CLUSTER_ERRORS = [
  'Forbidden.RamRoleNotFound',
  'Forbidden.HsmClusterNotFound',
  'Rejected.HsmClusterNotInitialized',
  'Rejected.HsmClusterInvalidConfiguration',
  'ServiceUnavailableTemporary',
] as const satisfies readonly ErrorCode[];

type Context = HandlerContext<KmsPorts, never>;

/** Does something as the account's service-linked role. Refusals of the role's calls are told as KMS's own. */
export async function asRole<T>(ctx: Context, work: (role: ActingRole) => Promise<T>): Promise<T> {
  try {
    return await work(await actAsRole(ctx.ports.services, ctx.place));
  } catch (cause) {
    if (cause instanceof RoleMissing || (cause instanceof Fault && cause.status === 403)) {
      throw fail('Forbidden.RamRoleNotFound', { role: KEY_STORE_ROLE }, { cause });
    }
    if (cause instanceof Fault && (cause.status >= 500 || cause.status === 429)) {
      throw fail('ServiceUnavailableTemporary', {}, { cause });
    }
    throw cause;
  }
}

/** The cluster of that id, whatever its state. */
export async function clusterOf(ctx: Context, role: ActingRole, clusterId: string): Promise<ClusterView> {
  const cluster = await viewCluster(role, ctx.region, clusterId);
  if (cluster === undefined) throw fail('Forbidden.HsmClusterNotFound');
  return cluster;
}

/** Refuses a cluster that cannot be a store's home: not initialised, without a network or without an HSM. */
export async function assertHome(ctx: Context, role: ActingRole, cluster: ClusterView): Promise<void> {
  const named = { cluster: cluster.clusterId };
  if (!isReady(cluster)) throw fail('Rejected.HsmClusterNotInitialized', { ...named, state: cluster.status });
  if (cluster.vpcId === '' || cluster.zones.length === 0) {
    throw fail('Rejected.HsmClusterInvalidConfiguration', { ...named, detail: 'it has no vSwitch.' });
  }
  if ((await viewMembers(role, ctx.region, cluster.clusterId)).length === 0) {
    throw fail('Rejected.HsmClusterInvalidConfiguration', { ...named, detail: 'it has no HSM.' });
  }
}

/** The certificate sent, if it can be a security domain certificate at all. */
export function ownerCertificate(pem: string): X509Certificate {
  const owner = readOwnerCertificate(pem);
  if ('fault' in owner) throw fail('InvalidSecurityDomainCertificate', { detail: `${owner.fault}.` });
  return owner.certificate;
}

/** Refuses a certificate that is not the cluster's own. */
export function assertDomain(owner: X509Certificate, cluster: ClusterView): void {
  const detail = domainMismatch(owner, cluster.certificates);
  if (detail !== undefined) throw fail('InvalidSecurityDomainCertificate', { detail });
}
