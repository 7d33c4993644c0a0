import { HSM_INSTANCES } from '../../domain/hsm-service/instance.ts';
import { wipeTask } from '../../domain/hsm-service/wipe-task.ts';
import { onInstance, region } from './_arn.ts';
import {
  findInstance,
  hsmOf,
  instanceId,
  instanceReferences,
  instanceTakes,
  outsideCluster,
  stateAfter,
} from './_instance.ts';
import { writes } from './_product.ts';

export const ReleaseInstance = writes({
  product: 'Hsm',
  name: 'ReleaseInstance',
  origin: 'vendor',
  title: 'Gives an HSM back, wiped.',
  notes:
    'The HSM is `INVALID` while it is wiped, then gone; its address and its place in the stock are free again. Not for members of a cluster.',
  input: { RegionId: region(), InstanceId: instanceId() },
  output: {},
  resolve: findInstance,
  permissions: [onInstance('yundun-hsm:ReleaseInstance')],
  guards: [instanceTakes('release'), outsideCluster],
  throttle: 'management',
  errors: [],
  references: instanceReferences,
  handle: async (ctx, _input, named) => {
    const hsm = hsmOf(named);
    await ctx.tx.update(HSM_INSTANCES, ctx.place, { ...hsm, state: stateAfter(hsm, 'release') });
    await ctx.tx.enqueue(wipeTask(ctx.place, hsm.instanceId));
    return {};
  },
});
