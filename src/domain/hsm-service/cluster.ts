import type { Collection } from '../storage.ts';
import type { ClusterState } from './cluster-states.ts';

/** HSMs that hold the same keys. */
export interface HsmClusterRecord {
  readonly clusterId: string;
  readonly name: string;
  readonly state: ClusterState;
  readonly masterInstanceId: string;
  /** The master's; the cluster lives in one VPC. */
  readonly vpcId: string;
  /** vSwitches of the VPC, in the order of their adding; the list may only grow. */
  readonly zones: readonly ClusterZone[];
  /** Who may connect to any member: at most {@link MAX_WHITELIST} addresses and blocks. */
  readonly whitelist: readonly string[];
  /** Certificate request made in the first member, PEM. */
  readonly csr: string;
  /** PEM; both absent until the cluster is initialised. */
  readonly certificates?: { readonly owner: string; readonly cluster: string };
  readonly createdAt: number;
}

export interface ClusterZone {
  readonly vSwitchId: string;
  readonly zoneId: string;
}

export const MAX_WHITELIST = 10;

export const HSM_CLUSTERS: Collection<HsmClusterRecord> = {
  kind: 'hsm.cluster',
  group: 'hsm',
  schema: 1,
  id: (cluster) => cluster.clusterId,
};
