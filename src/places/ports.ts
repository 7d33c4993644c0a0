import { PRODUCTS } from '../domain/products.ts';
import { declare, type Permission } from '../operation/operation.ts';
import { text } from '../schema/fields.ts';

/** What the operations on places may use; part of the ports of each product that serves them. */
export interface PlacePorts {
  /** Regions this deployment serves. */
  readonly regions: readonly string[];
}

export const { reads } = declare<PlacePorts>();

/** The products under which the vendor publishes these operations. */
export type PlaceProduct = 'Ecs' | 'Vpc';

/** The permission to look at regions and zones, which are nobody's. */
export function anyPlace<I, R>(product: PlaceProduct, name: string): Permission<I, R> {
  const { ramCode } = PRODUCTS[product];
  return {
    action: `${ramCode}:${name}`,
    resource: `acs:${ramCode}:{region}:{account}:*`,
    arns: ({ ctx }) => `acs:${ramCode}:${ctx.region}:${ctx.account}:*`,
  };
}

export const acceptLanguage = {
  AcceptLanguage: text({ doc: 'Without effect: regions and zones are named by their ids.', max: 16 }),
};

/** A parameter that changes nothing. */
export const withoutEffect = () => text({ doc: 'Without effect.', max: 64 });
