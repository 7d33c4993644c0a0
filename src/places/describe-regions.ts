import { PRODUCTS } from '../domain/products.ts';
import type { Operation } from '../operation/operation.ts';
import type { InputFields } from '../schema/field.ts';
import { out } from '../schema/output.ts';
import { acceptLanguage, anyPlace, type PlaceProduct, reads } from './ports.ts';

/** DescribeRegions of one of the products that publish it. `ignored`: parameters of that product without effect. */
export function describeRegions(product: PlaceProduct, ignored: InputFields): Operation {
  return reads({
    product,
    name: 'DescribeRegions',
    origin: 'vendor',
    title: 'Lists the regions this deployment serves.',
    input: { ...acceptLanguage, ...ignored },
    output: {
      Regions: out.list('The regions.', 'Region', {
        RegionId: out.text('Id of the region.'),
        LocalName: out.text('Its id again.'),
        // A member that only ECS has.
        ...(product === 'Ecs' ? { Status: out.text('Always `available`.') } : {}),
        RegionEndpoint: out.text("Host name of the vendor's endpoint, served where private DNS points to Coffer."),
      }),
    },
    permissions: [anyPlace(product, 'DescribeRegions')],
    throttle: 'query',
    errors: [],
    handle: async (ctx) => ({
      Regions: ctx.ports.regions.map((region) => ({
        RegionId: region,
        LocalName: region,
        Status: 'available',
        RegionEndpoint: PRODUCTS[product].host(region),
      })),
    }),
  });
}
