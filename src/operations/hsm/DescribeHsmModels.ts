import { out } from '../../schema/output.ts';
import { onAny, region } from './_arn.ts';
import { reads } from './_product.ts';

export const DescribeHsmModels = reads({
  product: 'Hsm',
  name: 'DescribeHsmModels',
  origin: 'extension',
  title: 'Lists the models of HSMs that operators have configured.',
  input: { RegionId: region() },
  output: {
    Models: out.plainList('The models, in the order of the configuration.', 'Model', {
      Model: out.text('Name, as CreateInstance takes it.'),
      Vendor: out.text('Vendor profile: `softhsm2`, `pkcs11`.'),
      Free: out.integer('How many more can be taken.'),
    }),
  },
  permissions: [onAny('yundun-hsm:DescribeHsmModels', 'model')],
  throttle: 'query',
  errors: [],
  handle: async (ctx) => ({
    Models: ctx.ports.devices.models().map(({ name, vendor, free }) => ({ Model: name, Vendor: vendor, Free: free })),
  }),
});
