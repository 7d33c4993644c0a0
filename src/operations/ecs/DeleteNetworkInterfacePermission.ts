import { withAttachment } from '../../domain/network/interface-life.ts';
import {
  INTERFACE_PERMISSIONS,
  type InterfacePermission,
  NETWORK_INTERFACES,
} from '../../domain/network/network-interface.ts';
import { resourceTagConditions } from '../../domain/network/resource-tag.ts';
import { found } from '../../operation/found.ts';
import { flag, text } from '../../schema/fields.ts';
import { ecsArn, region } from './_arn.ts';
import type { NamedInterface } from './_found.ts';
import { writes } from './_product.ts';

interface NamedPermission extends NamedInterface {
  readonly permission: InterfacePermission | undefined;
}

export const DeleteNetworkInterfacePermission = writes({
  product: 'Ecs',
  name: 'DeleteNetworkInterfacePermission',
  origin: 'vendor',
  title: 'Takes the permission to attach an interface back.',
  notes:
    'While the account uses the interface this is refused, unless Force is true: then the interface is detached at once, and what the account reached through it is cut off.',
  input: {
    RegionId: region(),
    NetworkInterfacePermissionId: text({ doc: 'The permission.', required: true, max: 64 }),
    Force: flag({ doc: 'Detaches the interface if the account uses it.', fallback: false }),
  },
  output: {},
  resolve: async (ctx, input): Promise<NamedPermission> => {
    const permission = await ctx.read.get(INTERFACE_PERMISSIONS, ctx.place, input.NetworkInterfacePermissionId);
    const networkInterface =
      permission && (await ctx.read.get(NETWORK_INTERFACES, ctx.place, permission.networkInterfaceId));
    return { permission, networkInterface };
  },
  permissions: [
    {
      action: 'ecs:DeleteNetworkInterfacePermission',
      resource: 'acs:ecs:{region}:{account}:eni/{NetworkInterfaceId}',
      arns: ({ ctx, resolved }) => ecsArn(ctx, `eni/${resolved.permission?.networkInterfaceId ?? '*'}`),
      tags: ({ resolved }) => resourceTagConditions(resolved.networkInterface?.tags),
      shown: ({ ctx }) => ecsArn(ctx, 'eni/*'),
    },
  ],
  guards: [
    found<{ readonly permission: unknown }>(
      'InvalidEniPermissionId.NotFound',
      'The permission exists.',
      ({ permission }) => permission,
    ),
  ],
  throttle: 'management',
  errors: ['InvalidOperation.EniInUse'],
  references: ({ resolved }) =>
    resolved.permission === undefined ? {} : { 'ACS::ECS::NetworkInterface': [resolved.permission.networkInterfaceId] },
  handle: async (ctx, input, { permission }) => {
    const { networkInterfaceId, accountId, permissionId } = permission!;
    const eni = await ctx.tx.get(NETWORK_INTERFACES, ctx.place, networkInterfaceId);
    if (eni?.attachment?.accountId === accountId) {
      if (!input.Force) throw ctx.fail('InvalidOperation.EniInUse');
      await ctx.tx.update(NETWORK_INTERFACES, ctx.place, withAttachment(eni, undefined));
    }
    await ctx.tx.remove(INTERFACE_PERMISSIONS, ctx.place, permissionId);
    return {};
  },
});
