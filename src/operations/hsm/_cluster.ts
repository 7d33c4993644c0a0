import { HSM_CLUSTERS, type HsmClusterRecord } from '../../domain/hsm-service/cluster.ts';
import { type ClusterEvent, type ClusterState, clusterAfter } from '../../domain/hsm-service/cluster-states.ts';
import { HSM_INSTANCES, type HsmInstanceRecord } from '../../domain/hsm-service/instance.ts';
import type { Place, Reader } from '../../domain/storage.ts';
import { fail } from '../../errors/fault.ts';
import type { LookupContext } from '../../operation/context.ts';
import { found, sure } from '../../operation/found.ts';
import type { Guard } from '../../operation/operation.ts';
import { text } from '../../schema/fields.ts';
import { textList } from '../../schema/list-fields.ts';
import type { OneOfThem } from './_arn.ts';

export interface NamedCluster extends OneOfThem {
  readonly cluster: HsmClusterRecord | undefined;
}

export const clusterId = () => text({ doc: 'The cluster.', required: true, max: 64 });

export const memberIds = (doc: string) => textList({ doc, required: true, max: 64, maxItems: 28 });

export async function findCluster(ctx: LookupContext, input: { readonly ClusterId: string }): Promise<NamedCluster> {
  return { cluster: await ctx.read.get(HSM_CLUSTERS, ctx.place, input.ClusterId) };
}

export const clusterReferences = ({ input }: { readonly input: { readonly ClusterId: string } }) => ({
  'ACS::HSM::Cluster': [input.ClusterId],
});

/** The state an event leads to; throws `IncorrectClusterStatus`. */
export function clusterStateAfter(cluster: HsmClusterRecord, event: ClusterEvent): ClusterState {
  const after = clusterAfter(cluster.state, event);
  if (after === undefined || after === 'gone') {
    throw fail('IncorrectClusterStatus', { id: cluster.clusterId, state: cluster.state });
  }
  return after;
}

export const clusterFound = found<NamedCluster>(
  'InvalidCluster.NotFound',
  'The cluster exists.',
  ({ cluster }) => cluster,
);

/** The cluster exists, and its state takes the event. */
export function clusterTakes(event: ClusterEvent): Guard<NamedCluster> {
  return {
    errors: ['InvalidCluster.NotFound', 'IncorrectClusterStatus'],
    doc: `The cluster exists and its state allows \`${event}\` in the table of cluster states.`,
    check: ({ cluster }) => {
      if (cluster === undefined) throw fail('InvalidCluster.NotFound');
      if (clusterAfter(cluster.state, event) === undefined) {
        throw fail('IncorrectClusterStatus', { id: cluster.clusterId, state: cluster.state });
      }
    },
  };
}

/** The cluster that a guard has made sure of. */
export function clusterOf({ cluster }: NamedCluster): HsmClusterRecord {
  return sure(cluster, 'clusterFound or clusterTakes');
}

/** The cluster's HSMs, the master first. */
export async function membersOf(read: Reader, place: Place, cluster: HsmClusterRecord): Promise<HsmInstanceRecord[]> {
  const members = await read.list(HSM_INSTANCES, place, { index: 'cluster', value: cluster.clusterId });
  const rank = (hsm: HsmInstanceRecord): number => (hsm.instanceId === cluster.masterInstanceId ? 0 : 1);
  return members.sort((a, b) => rank(a) - rank(b));
}

/** A member of the cluster by id; throws `InstanceNotInCluster`. */
export async function memberOf(
  read: Reader,
  place: Place,
  cluster: HsmClusterRecord,
  id: string,
): Promise<HsmInstanceRecord> {
  const hsm = await read.get(HSM_INSTANCES, place, id);
  if (hsm?.clusterId !== cluster.clusterId) throw fail('InstanceNotInCluster', { id });
  return hsm;
}
