import { PRODUCTS } from '../../domain/products.ts';
import { text } from '../../schema/fields.ts';
import { out } from '../../schema/output.ts';
import { vpcArn } from './_arn.ts';
import { reads } from './_product.ts';

export const DescribeRegions = reads({
  product: 'Vpc',
  name: 'DescribeRegions',
  origin: 'vendor',
  title: 'Lists the regions this deployment serves.',
  input: {
    AcceptLanguage: text({ doc: 'Without effect: regions are named by their ids.', max: 16 }),
    ProductType: text({ doc: 'Without effect.', max: 64 }),
  },
  output: {
    Regions: out.list('The regions.', 'Region', {
      RegionId: out.text('Id of the region.'),
      LocalName: out.text('Its id again.'),
      RegionEndpoint: out.text("Host name of the vendor's endpoint, served where private DNS points to Coffer."),
    }),
  },
  permissions: [
    {
      action: 'vpc:DescribeRegions',
      resource: 'acs:vpc:{region}:{account}:*',
      arns: ({ ctx }) => vpcArn(ctx, '*'),
    },
  ],
  throttle: 'query',
  errors: [],
  handle: async (ctx) => ({
    Regions: ctx.ports.regions.map((region) => ({
      RegionId: region,
      LocalName: region,
      RegionEndpoint: PRODUCTS.Vpc.host(region),
    })),
  }),
});
