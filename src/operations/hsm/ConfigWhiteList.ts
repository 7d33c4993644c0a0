import { HSM_INSTANCES } from '../../domain/hsm-service/instance.ts';
import { readWhitelist } from '../../domain/hsm-service/whitelist.ts';
import { text } from '../../schema/fields.ts';
import { onInstance, region } from './_arn.ts';
import { findInstance, hsmOf, instanceId, instanceReferences, instanceTakes, outsideCluster } from './_instance.ts';
import { writes } from './_product.ts';

export const ConfigWhiteList = writes({
  product: 'Hsm',
  name: 'ConfigWhiteList',
  origin: 'vendor',
  title: 'Says which addresses may connect to an HSM.',
  notes: 'For HSMs outside clusters; in a cluster the list of the cluster counts. An empty list lets nobody in.',
  input: {
    RegionId: region(),
    InstanceId: instanceId(),
    WhiteList: text({
      doc: 'Up to 10 addresses and CIDR blocks, separated by commas; not 0.0.0.0/0. Empty: nobody.',
      required: true,
      min: 0,
      max: 256,
    }),
  },
  output: {},
  resolve: findInstance,
  permissions: [onInstance('yundun-hsm:ConfigWhiteList')],
  guards: [instanceTakes('configure-whitelist'), outsideCluster],
  throttle: 'management',
  errors: ['InvalidWhiteList'],
  references: instanceReferences,
  handle: async (ctx, input, named) => {
    const whitelist = readWhitelist(input.WhiteList);
    if (whitelist === undefined) throw ctx.fail('InvalidWhiteList');
    await ctx.tx.update(HSM_INSTANCES, ctx.place, { ...hsmOf(named), whitelist });
    return {};
  },
});
