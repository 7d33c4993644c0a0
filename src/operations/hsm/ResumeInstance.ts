import { HSM_INSTANCES } from '../../domain/hsm-service/instance.ts';
import { onInstance, region } from './_arn.ts';
import { findInstance, hsmOf, instanceId, instanceReferences, instanceTakes, stateAfter } from './_instance.ts';
import { writes } from './_product.ts';

export const ResumeInstance = writes({
  product: 'Hsm',
  name: 'ResumeInstance',
  origin: 'vendor',
  title: 'Puts a paused HSM back into service.',
  notes: 'It holds what it held before.',
  input: { RegionId: region(), InstanceId: instanceId() },
  output: {},
  resolve: findInstance,
  permissions: [onInstance('yundun-hsm:ResumeInstance')],
  guards: [instanceTakes('resume')],
  throttle: 'management',
  errors: [],
  references: instanceReferences,
  handle: async (ctx, _input, named) => {
    const hsm = hsmOf(named);
    await ctx.tx.update(HSM_INSTANCES, ctx.place, { ...hsm, state: stateAfter(hsm, 'resume') });
    return {};
  },
});
