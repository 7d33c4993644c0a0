import { zonesOf } from '../../domain/network/zones.ts';
import { out } from '../../schema/output.ts';
import { reads } from './_product.ts';

export const DescribeRegions = reads({
  product: 'Hsm',
  name: 'DescribeRegions',
  origin: 'vendor',
  title: 'Lists the regions this deployment serves, with their zones.',
  input: {},
  output: {
    Regions: out.plainList('The regions.', 'Region', {
      RegionId: out.text('Id of the region.'),
      Zones: out.plainList('Its zones.', 'Zone', { ZoneId: out.text('Id of the zone.') }),
    }),
  },
  permissions: [
    {
      action: 'yundun-hsm:DescribeRegions',
      resource: 'acs:yundun-hsm:{region}:{account}:*',
      arns: ({ ctx }) => `acs:yundun-hsm:${ctx.region}:${ctx.account}:*`,
    },
  ],
  throttle: 'query',
  errors: [],
  handle: async (ctx) => ({
    Regions: ctx.ports.regions.map((region) => ({
      RegionId: region,
      Zones: zonesOf(region).map((zone) => ({ ZoneId: zone })),
    })),
  }),
});
