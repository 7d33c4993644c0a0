import { zonesOf } from '../../domain/network/zones.ts';
import { flag, text } from '../../schema/fields.ts';
import { out } from '../../schema/output.ts';
import { ecsArn, region } from './_arn.ts';
import { reads } from './_product.ts';

export const DescribeZones = reads({
  product: 'Ecs',
  name: 'DescribeZones',
  origin: 'vendor',
  title: 'Lists the zones of the region.',
  notes:
    'Every region has three zones. They are names that keep things apart; what they mean in a data centre is its own affair.',
  input: {
    RegionId: region(),
    InstanceChargeType: text({ doc: 'Without effect.', max: 64 }),
    SpotStrategy: text({ doc: 'Without effect.', max: 64 }),
    Verbose: flag({ doc: 'Without effect.' }),
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
    { action: 'ecs:DescribeZones', resource: 'acs:ecs:{region}:{account}:*', arns: ({ ctx }) => ecsArn(ctx, '*') },
  ],
  throttle: 'query',
  errors: [],
  handle: async (ctx) => ({
    Zones: zonesOf(ctx.region).map((zone) => ({ ZoneId: zone, LocalName: zone, ZoneType: 'AvailabilityZone' })),
  }),
});
