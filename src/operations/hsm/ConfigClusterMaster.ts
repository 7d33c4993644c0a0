import { HSM_CLUSTERS } from '../../domain/hsm-service/cluster.ts';
import { text } from '../../schema/fields.ts';
import { onCluster, region } from './_arn.ts';
import { clusterId, clusterOf, clusterReferences, clusterTakes, findCluster, memberOf } from './_cluster.ts';
import { writes } from './_product.ts';

export const ConfigClusterMaster = writes({
  product: 'Hsm',
  name: 'ConfigClusterMaster',
  origin: 'vendor',
  title: 'Makes another member the master.',
  notes: 'Newcomers are copied from the master, and it is the one that leaves last. Members serve alike.',
  input: {
    RegionId: region(),
    ClusterId: clusterId(),
    MasterInstanceId: text({ doc: 'The member, in service.', required: true, max: 64 }),
  },
  output: {},
  resolve: findCluster,
  permissions: [onCluster('yundun-hsm:ConfigClusterMaster')],
  guards: [clusterTakes('change-master')],
  throttle: 'management',
  errors: ['InstanceNotInCluster', 'IncorrectInstanceStatus'],
  references: clusterReferences,
  handle: async (ctx, input, named) => {
    const cluster = clusterOf(named);
    const hsm = await memberOf(ctx.tx, ctx.place, cluster, input.MasterInstanceId);
    if (hsm.state !== 'ACTIVE') throw ctx.fail('IncorrectInstanceStatus', { id: hsm.instanceId, state: hsm.state });
    await ctx.tx.update(HSM_CLUSTERS, ctx.place, { ...cluster, masterInstanceId: hsm.instanceId });
    return {};
  },
});
