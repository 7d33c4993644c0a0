import { zonesOf } from '../../domain/network/zones.ts';
import { text } from '../../schema/fields.ts';
import { out } from '../../schema/output.ts';
import { requiredRegion, vpcArn } from './_arn.ts';
import { reads } from './_product.ts';

export const DescribeZones = reads({
  product: 'Vpc',
  name: 'DescribeZones',
  origin: 'vendor',
  title: 'Lists the zones of the region.',
  notes:
    'Every region has three zones. They are names that keep things apart; what they mean in a data centre is its own affair.',
  input: {
    RegionId: requiredRegion(),
    ZoneType: text({ doc: 'Without effect.', max: 64 }),
    AcceptLanguage: text({ doc: 'Without effect.', max: 16 }),
  },
  output: {
    Zones: out.list('The zones.', 'Zone', {
      ZoneId: out.text('Id of the zone.'),
      LocalName: out.text('Its id again.'),
      ZoneType: out.text('Always `AvailabilityZone`.'),
    }),
  },
  permissions: [
    { action: 'vpc:DescribeZones', resource: 'acs:vpc:{region}:{account}:*', arns: ({ ctx }) => vpcArn(ctx, '*') },
  ],
  throttle: 'query',
  errors: [],
  handle: async (ctx) => ({
    Zones: zonesOf(ctx.region).map((zone) => ({ ZoneId: zone, LocalName: zone, ZoneType: 'AvailabilityZone' })),
  }),
});
