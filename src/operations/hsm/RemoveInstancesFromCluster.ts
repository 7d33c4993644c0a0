import { HSM_CLUSTERS } from '../../domain/hsm-service/cluster.ts';
import { HSM_INSTANCES } from '../../domain/hsm-service/instance.ts';
import { wipeTask } from '../../domain/hsm-service/wipe-task.ts';
import { onCluster, onEachInstance, region } from './_arn.ts';
import {
  clusterFound,
  clusterId,
  clusterOf,
  clusterReferences,
  clusterStateAfter,
  findCluster,
  memberIds,
  memberOf,
  membersOf,
} from './_cluster.ts';
import { claim } from './_device.ts';
import { stateAfter } from './_instance.ts';
import { writes } from './_product.ts';

export const RemoveInstancesFromCluster = writes({
  product: 'Hsm',
  name: 'RemoveInstancesFromCluster',
  origin: 'vendor',
  title: 'Takes HSMs out of a cluster, and wipes them.',
  notes:
    'An HSM that leaves is wiped, so that it can join another cluster and gives nothing away. The master can leave only as the last member. The cluster is then `TO_DELETE` and can never be used again: its key existed nowhere but in its members, so everything encrypted by it is lost. While a private key store is connected to the cluster the last member cannot leave.',
  input: { RegionId: region(), ClusterId: clusterId(), HsmInstanceIds: memberIds('The HSMs that shall leave.') },
  output: {},
  resolve: findCluster,
  permissions: [
    onCluster('yundun-hsm:RemoveInstancesFromCluster'),
    onEachInstance('yundun-hsm:RemoveInstancesFromCluster'),
  ],
  guards: [clusterFound],
  throttle: 'management',
  errors: [
    'ClusterInUse',
    'IncorrectClusterStatus',
    'IncorrectInstanceStatus',
    'InstanceNotInCluster',
    'MasterNotLast',
    'OperationConflict.Hsm',
  ],
  references: clusterReferences,
  handle: async (ctx, input, named) => {
    const cluster = clusterOf(named);
    const leaving = new Set(input.HsmInstanceIds);
    const staying = (await membersOf(ctx.tx, ctx.place, cluster)).filter((hsm) => !leaving.has(hsm.instanceId));
    const masterLeaves = leaving.has(cluster.masterInstanceId);
    const state = clusterStateAfter(cluster, masterLeaves ? 'remove-master' : 'remove-member');
    if (masterLeaves && staying.length > 0) throw ctx.fail('MasterNotLast');
    if (staying.length === 0 && (await ctx.ports.clusterInUse(ctx.tx, ctx.place, cluster.clusterId))) {
      throw ctx.fail('ClusterInUse', { cluster: cluster.clusterId });
    }
    claim(ctx, [...leaving]);
    for (const id of leaving) {
      const { clusterId: _, ...hsm } = await memberOf(ctx.tx, ctx.place, cluster, id);
      await ctx.tx.update(HSM_INSTANCES, ctx.place, { ...hsm, state: stateAfter(hsm, 'leave-cluster') });
      await ctx.tx.enqueue(wipeTask(ctx.place, id));
      ctx.refer('ACS::HSM::Instance', id);
    }
    if (state !== cluster.state) await ctx.tx.update(HSM_CLUSTERS, ctx.place, { ...cluster, state });
    return {};
  },
});
