import { plainId } from '../../core/ids.ts';
import { INTERFACE_PERMISSIONS, permissionGrant } from '../../domain/network/network-interface.ts';
import { choice, integer, text } from '../../schema/fields.ts';
import { out } from '../../schema/output.ts';
import { onInterface, region } from './_arn.ts';
import { findInterface, interfaceFound, interfaceReferences } from './_found.ts';
import { permissionAnswer, permissionMembers } from './_permission-answer.ts';
import { writes } from './_product.ts';

export const CreateNetworkInterfacePermission = writes({
  product: 'Ecs',
  name: 'CreateNetworkInterfacePermission',
  origin: 'vendor',
  title: 'Lets another account attach an interface to an instance of its own.',
  notes: 'Granted at once. Letting the same account in again returns the permission that is there.',
  input: {
    RegionId: region(),
    NetworkInterfaceId: text({ doc: 'The interface.', required: true, max: 64 }),
    AccountId: integer({ doc: 'The account to let in.', required: true, type: 'Long', min: 1 }),
    Permission: choice(['InstanceAttach'], { doc: 'What it may do.', required: true }),
  },
  output: { NetworkInterfacePermission: out.object('The permission.', permissionMembers) },
  resolve: findInterface,
  permissions: [onInterface('ecs:CreateNetworkInterfacePermission')],
  guards: [interfaceFound],
  throttle: 'management',
  errors: [],
  references: interfaceReferences,
  handle: async (ctx, input) => {
    const accountId = String(input.AccountId);
    const grant = permissionGrant(input.NetworkInterfaceId, accountId);
    const held = await ctx.tx.find(INTERFACE_PERMISSIONS, ctx.place, 'grant', grant);
    if (held !== undefined) return { NetworkInterfacePermission: permissionAnswer(held) };
    const permission = {
      permissionId: plainId('eni-perm', ctx.ports.random),
      networkInterfaceId: input.NetworkInterfaceId,
      accountId,
      permission: input.Permission,
      createdAt: ctx.now.getTime(),
    };
    await ctx.tx.insert(INTERFACE_PERMISSIONS, ctx.place, permission);
    return { NetworkInterfacePermission: permissionAnswer(permission) };
  },
});
