import { ATTACHMENTS, attachedEntity } from '../../domain/ram/attachment.ts';
import { ROLES } from '../../domain/ram/role.ts';
import { namedRole, roleFound, roleName, roleOf, rolePermission, roleReferences } from '../../slr/named-role.ts';
import { writes } from './_product.ts';
import { roleMutable } from './_role.ts';

export const DeleteRole = writes({
  product: 'Ram',
  name: 'DeleteRole',
  origin: 'vendor',
  title: 'Deletes a role.',
  notes:
    'Its policies are to be detached before. Its sessions end with it. A service-linked role is deleted by DeleteServiceLinkedRole.',
  input: { RoleName: roleName() },
  output: {},
  resolve: (ctx, input) => namedRole(ctx, input.RoleName),
  permissions: [rolePermission('ram:DeleteRole')],
  guards: [roleFound, roleMutable],
  throttle: 'management',
  errors: ['DeleteConflict.Role.Policy'],
  references: roleReferences,
  handle: async (ctx, _input, named) => {
    const { roleId } = roleOf(named);
    const entity = { index: 'entity', value: attachedEntity({ entity: 'role', entityId: roleId }) };
    if ((await ctx.tx.count(ATTACHMENTS, ctx.place, entity)) > 0) throw ctx.fail('DeleteConflict.Role.Policy');
    await ctx.tx.remove(ROLES, ctx.place, roleId);
    return {};
  },
});
