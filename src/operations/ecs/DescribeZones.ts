import { describeZones } from '../../places/describe-zones.ts';
import { withoutEffect } from '../../places/ports.ts';
import { flag } from '../../schema/fields.ts';

export const DescribeZones = describeZones('Ecs', {
  InstanceChargeType: withoutEffect(),
  SpotStrategy: withoutEffect(),
  Verbose: flag({ doc: 'Without effect.' }),
});
