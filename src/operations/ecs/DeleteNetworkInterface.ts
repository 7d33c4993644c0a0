import { removeInterface } from '../../domain/network/interface-life.ts';
import { interfaceStatus } from '../../domain/network/network-interface.ts';
import { text } from '../../schema/fields.ts';
import { onInterface, region } from './_arn.ts';
import { findInterface, interfaceFound, interfaceReferences } from './_found.ts';
import { writes } from './_product.ts';

export const DeleteNetworkInterface = writes({
  product: 'Ecs',
  name: 'DeleteNetworkInterface',
  origin: 'vendor',
  title: 'Deletes a network interface that is not attached, with the permissions on it, and frees its address.',
  input: { RegionId: region(), NetworkInterfaceId: text({ doc: 'The interface.', required: true, max: 64 }) },
  output: {},
  resolve: findInterface,
  permissions: [onInterface('ecs:DeleteNetworkInterface')],
  guards: [interfaceFound],
  throttle: 'management',
  errors: ['InvalidOperation.InvalidEniState'],
  references: interfaceReferences,
  handle: async (ctx, _input, { networkInterface }) => {
    const state = interfaceStatus(networkInterface!);
    if (state !== 'Available') throw ctx.fail('InvalidOperation.InvalidEniState', { state });
    await removeInterface(ctx.tx, ctx.place, networkInterface!);
    return {};
  },
});
