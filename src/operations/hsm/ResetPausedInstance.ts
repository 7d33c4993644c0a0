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

export const ResetPausedInstance = writes({
  product: 'Hsm',
  name: 'ResetPausedInstance',
  origin: 'vendor',
  title: 'Destroys everything in a paused HSM and puts it back into service.',
  notes: 'As ResetInstance.',
  input: { RegionId: region(), InstanceId: instanceId() },
  output: {},
  resolve: findInstance,
  permissions: [onInstance('yundun-hsm:ResetPausedInstance')],
  guards: [instanceTakes('reset-paused'), outsideCluster],
  throttle: 'management',
  errors: [],
  references: instanceReferences,
  handle: async (ctx, _input, named) => {
    const hsm = hsmOf(named);
    await ctx.tx.update(HSM_INSTANCES, ctx.place, { ...hsm, state: stateAfter(hsm, 'reset-paused') });
    await ctx.tx.enqueue(wipeTask(ctx.place, hsm.instanceId));
    return {};
  },
});
