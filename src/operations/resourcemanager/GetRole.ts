import { out } from '../../schema/output.ts';
import { namedRole, roleFound, roleName, roleOf, rolePermission, roleReferences } from '../../slr/named-role.ts';
import { reads } from './_product.ts';
import { language, roleAnswer, roleOutput } from './_role.ts';

export const GetRole = reads({
  product: 'ResourceManager',
  name: 'GetRole',
  origin: 'vendor',
  title: 'Shows a role, and whether it is linked to a service.',
  input: { RoleName: roleName(), Language: language() },
  output: { Role: out.object('The role.', roleOutput) },
  resolve: (ctx, input) => namedRole(ctx, input.RoleName),
  permissions: [rolePermission('ram:GetRole')],
  guards: [roleFound],
  throttle: 'query',
  errors: [],
  references: roleReferences,
  handle: async (ctx, _input, named) => ({ Role: await roleAnswer(ctx, roleOf(named)) }),
});
