import { out } from '../../schema/output.ts';
import { namedRole, roleFound, roleName, roleOf, rolePermission, roleReferences } from '../../slr/named-role.ts';
import { reads } from './_product.ts';
import { roleAnswer, roleOutput } from './_role.ts';

export const GetRole = reads({
  product: 'Ram',
  name: 'GetRole',
  origin: 'vendor',
  title: 'Shows a role.',
  input: { RoleName: roleName() },
  output: { Role: out.object('The role.', roleOutput) },
  resolve: (ctx, input) => namedRole(ctx, input.RoleName),
  permissions: [rolePermission('ram:GetRole')],
  guards: [roleFound],
  throttle: 'query',
  errors: [],
  references: roleReferences,
  handle: async (ctx, _input, named) => ({ Role: roleAnswer(ctx.account, roleOf(named)) }),
});
