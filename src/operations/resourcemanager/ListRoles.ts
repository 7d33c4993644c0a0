import { ROLES } from '../../domain/ram/role.ts';
import { out } from '../../schema/output.ts';
import { pageAnswer, pageNumberInput, pageNumberOutput, pageWindow } from '../../schema/page-number.ts';
import { rolesPermission } from '../../slr/named-role.ts';
import { reads } from './_product.ts';
import { language, listedRoleOutput, roleAnswer } from './_role.ts';

export const ListRoles = reads({
  product: 'ResourceManager',
  name: 'ListRoles',
  origin: 'vendor',
  title: 'Lists the roles of the account, and which are linked to a service.',
  input: { Language: language(), ...pageNumberInput(100) },
  output: { Roles: out.list('The roles on the page.', 'Role', listedRoleOutput), ...pageNumberOutput },
  permissions: [rolesPermission('ram:ListRoles')],
  throttle: 'query',
  errors: [],
  handle: async (ctx, input) => {
    const roles = await ctx.read.list(ROLES, ctx.place, pageWindow(input));
    return {
      Roles: await Promise.all(roles.map((role) => roleAnswer(ctx, role))),
      ...pageAnswer(input, await ctx.read.count(ROLES, ctx.place)),
    };
  },
});
