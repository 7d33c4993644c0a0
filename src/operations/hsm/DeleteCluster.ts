import { HSM_CLUSTERS } from '../../domain/hsm-service/cluster.ts';
import { HSM_INSTANCES } from '../../domain/hsm-service/instance.ts';
import { fail } from '../../errors/fault.ts';
import { onCluster, region } from './_arn.ts';
import { clusterFound, clusterId, clusterOf, clusterReferences, clusterTakes, findCluster } from './_cluster.ts';
import { writes } from './_product.ts';

export const DeleteCluster = writes({
  product: 'Hsm',
  name: 'DeleteCluster',
  origin: 'vendor',
  title: 'Deletes a cluster that all HSMs have left.',
  input: { RegionId: region(), ClusterId: clusterId() },
  output: {},
  resolve: findCluster,
  permissions: [onCluster('yundun-hsm:DeleteCluster')],
  guards: [
    clusterFound,
    {
      errors: ['ClusterNotEmpty'],
      doc: 'No HSM is in the cluster.',
      check: async (named, ctx) => {
        const members = { index: 'cluster', value: clusterOf(named).clusterId };
        if ((await ctx.read.count(HSM_INSTANCES, ctx.place, members)) > 0) throw fail('ClusterNotEmpty');
      },
    },
    clusterTakes('delete'),
  ],
  throttle: 'management',
  errors: [],
  references: clusterReferences,
  handle: async (ctx, input) => {
    await ctx.tx.remove(HSM_CLUSTERS, ctx.place, input.ClusterId);
    return {};
  },
});
