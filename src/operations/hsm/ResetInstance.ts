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

export const ResetInstance = writes({
  product: 'Hsm',
  name: 'ResetInstance',
  origin: 'vendor',
  title: 'Destroys everything in an HSM: keys, users, certificates.',
  notes:
    'There is no way back. The HSM is `RESET` while it is wiped, then `ACTIVE` with the same address, not initialised. Not for members of a cluster: they leave it first, which wipes them.',
  input: { RegionId: region(), InstanceId: instanceId() },
  output: {},
  resolve: findInstance,
  permissions: [onInstance('yundun-hsm:ResetInstance')],
  guards: [instanceTakes('reset'), outsideCluster],
  throttle: 'management',
  errors: [],
  references: instanceReferences,
  handle: async (ctx, _input, named) => {
    const hsm = hsmOf(named);
    await ctx.tx.update(HSM_INSTANCES, ctx.place, { ...hsm, state: stateAfter(hsm, 'reset') });
    await ctx.tx.enqueue(wipeTask(ctx.place, hsm.instanceId));
    return {};
  },
});
