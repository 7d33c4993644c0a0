import { PRODUCTS } from '../../domain/products.ts';
import { text } from '../../schema/fields.ts';
import { out } from '../../schema/output.ts';
import { ecsArn } from './_arn.ts';
import { reads } from './_product.ts';

export const DescribeRegions = reads({
  product: 'Ecs',
  name: 'DescribeRegions',
  origin: 'vendor',
  title: 'Lists the regions this deployment serves.',
  input: {
    AcceptLanguage: text({ doc: 'Without effect: regions are named by their ids.', max: 16 }),
    InstanceChargeType: text({ doc: 'Without effect.', max: 64 }),
    ResourceType: text({ doc: 'Without effect.', max: 64 }),
  },
  output: {
    Regions: out.list('The regions.', 'Region', {
      RegionId: out.text('Id of the region.'),
      LocalName: out.text('Its id again.'),
      Status: out.text('Always `available`.'),
      RegionEndpoint: out.text("Host name of the vendor's endpoint, served where private DNS points to Coffer."),
    }),
  },
  permissions: [
    {
      action: 'ecs:DescribeRegions',
      resource: 'acs:ecs:{region}:{account}:*',
      arns: ({ ctx }) => ecsArn(ctx, '*'),
    },
  ],
  throttle: 'query',
  errors: [],
  handle: async (ctx) => ({
    Regions: ctx.ports.regions.map((region) => ({
      RegionId: region,
      LocalName: region,
      Status: 'available',
      RegionEndpoint: PRODUCTS.Ecs.host(region),
    })),
  }),
});
