import { HSM_INSTANCES } from '../../domain/hsm-service/instance.ts';
import { onInstance, region } from './_arn.ts';
import { findInstance, hsmOf, instanceId, instanceReferences, instanceTakes, stateAfter } from './_instance.ts';
import { writes } from './_product.ts';

export const PauseInstance = writes({
  product: 'Hsm',
  name: 'PauseInstance',
  origin: 'vendor',
  title: 'Takes an HSM out of service.',
  notes: 'Nobody reaches a paused HSM, from the moment this call has returned. Keys, users and address stay.',
  input: { RegionId: region(), InstanceId: instanceId() },
  output: {},
  resolve: findInstance,
  permissions: [onInstance('yundun-hsm:PauseInstance')],
  guards: [instanceTakes('pause')],
  throttle: 'management',
  errors: [],
  references: instanceReferences,
  handle: async (ctx, _input, named) => {
    const hsm = hsmOf(named);
    await ctx.tx.update(HSM_INSTANCES, ctx.place, { ...hsm, state: stateAfter(hsm, 'pause') });
    return {};
  },
});
