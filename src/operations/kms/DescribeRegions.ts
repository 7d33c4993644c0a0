import { out } from '../../schema/output.ts';
import { reads } from './_product.ts';

export const DescribeRegions = reads({
  product: 'Kms',
  name: 'DescribeRegions',
  origin: 'vendor',
  title: 'Lists the regions this deployment serves.',
  input: {},
  output: { Regions: out.list('The regions.', 'Region', { RegionId: out.text('Id of the region.') }) },
  permissions: 'none',
  throttle: 'query',
  errors: [],
  handle: async (ctx) => ({ Regions: ctx.ports.regions.map((region) => ({ RegionId: region })) }),
});
