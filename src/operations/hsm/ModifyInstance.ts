import { HSM_INSTANCES } from '../../domain/hsm-service/instance.ts';
import { text } from '../../schema/fields.ts';
import { onInstance, region } from './_arn.ts';
import { findInstance, hsmOf, instanceFound, instanceId, instanceReferences } from './_instance.ts';
import { writes } from './_product.ts';

export const ModifyInstance = writes({
  product: 'Hsm',
  name: 'ModifyInstance',
  origin: 'vendor',
  title: 'Changes the remark of an HSM.',
  input: {
    RegionId: region(),
    InstanceId: instanceId(),
    Remark: text({ doc: 'Free text; empty: none.', min: 0, max: 255, fallback: '' }),
  },
  output: {},
  resolve: findInstance,
  permissions: [onInstance('yundun-hsm:ModifyInstance')],
  guards: [instanceFound],
  throttle: 'management',
  errors: [],
  references: instanceReferences,
  handle: async (ctx, input, named) => {
    await ctx.tx.update(HSM_INSTANCES, ctx.place, { ...hsmOf(named), remark: input.Remark });
    return {};
  },
});
