import { zonesOf } from '../domain/network/zones.ts';
import type { Operation } from '../operation/operation.ts';
import type { InputFields } from '../schema/field.ts';
import { text } from '../schema/fields.ts';
import { out } from '../schema/output.ts';
import { acceptLanguage, anyPlace, type PlaceProduct, reads } from './ports.ts';

/** DescribeZones of one of the products that publish it. `ignored`: parameters of that product without effect. */
export function describeZones(product: PlaceProduct, ignored: InputFields): Operation {
  return reads({
    product,
    name: 'DescribeZones',
    origin: 'vendor',
    title: 'Lists the zones of the region.',
    notes:
      'Every region has three zones. They are names that keep things apart; what they mean in a data centre is its own affair.',
    input: {
      RegionId: text({ doc: 'Region of the resource.', required: true, max: 64 }),
      ...ignored,
      ...acceptLanguage,
    },
    output: {
      Zones: out.list('The zones.', 'Zone', {
        ZoneId: out.text('Id of the zone.'),
        LocalName: out.text('Its id again.'),
        ZoneType: out.text('Always `AvailabilityZone`.'),
      }),
    },
    permissions: [anyPlace(product, 'DescribeZones')],
    throttle: 'query',
    errors: [],
    handle: async (ctx) => ({
      Zones: zonesOf(ctx.region).map((zone) => ({ ZoneId: zone, LocalName: zone, ZoneType: 'AvailabilityZone' })),
    }),
  });
}
