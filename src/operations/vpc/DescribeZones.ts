import { describeZones } from '../../places/describe-zones.ts';
import { withoutEffect } from '../../places/ports.ts';

export const DescribeZones = describeZones('Vpc', { ZoneType: withoutEffect() });
