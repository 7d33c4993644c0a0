import { ROLES } from '../../domain/ram/role.ts';
import { notOffered } from '../../schema/not-offered.ts';
import { out } from '../../schema/output.ts';
import { rolesPermission } from '../../slr/named-role.ts';
import { pageInput, pageOf, pageOutput, pageWindow } from './_paging.ts';
import { reads } from './_product.ts';
import { listedRoleOutput, roleAnswer } from './_role.ts';

export const ListRoles = reads({
  product: 'Ram',
  name: 'ListRoles',
  origin: 'vendor',
  title: 'Lists the roles of the account, service-linked ones included.',
  input: { Tag: notOffered('Array', 'Roles and policies carry no tags here; leave it out.'), ...pageInput },
  output: { Roles: out.list('The roles on the page.', 'Role', listedRoleOutput), ...pageOutput },
  permissions: [rolesPermission('ram:ListRoles')],
  throttle: 'query',
  errors: [],
  handle: async (ctx, input) => {
    const found = await ctx.read.list(ROLES, ctx.place, pageWindow(input));
    const { items, answer } = pageOf(input, found, (role) => role.roleId);
    return { Roles: items.map((role) => roleAnswer(ctx.account, role)), ...answer };
  },
});
