import { ramArns } from '../../domain/ram/resources.ts';
import { ROLES } from '../../domain/ram/role.ts';
import { integer } from '../../schema/fields.ts';
import { out } from '../../schema/output.ts';
import { reads } from './_product.ts';
import { language, listedRoleOutput, roleAnswer } from './_role.ts';

export const ListRoles = reads({
  product: 'ResourceManager',
  name: 'ListRoles',
  origin: 'vendor',
  title: 'Lists the roles of the account, and which are linked to a service.',
  input: {
    Language: language(),
    PageNumber: integer({ doc: 'Which page, from 1.', fallback: 1, min: 1, max: 1_000_000_000 }),
    PageSize: integer({ doc: 'Items on a page.', fallback: 10, min: 1, max: 100 }),
  },
  output: {
    Roles: out.list('The roles on the page.', 'Role', listedRoleOutput),
    PageNumber: out.integer('The page, as asked for.'),
    PageSize: out.integer('Items on a page, as asked for.'),
    TotalCount: out.integer('How many there are on all pages.'),
  },
  permissions: [
    {
      action: 'ram:ListRoles',
      resource: 'acs:ram:*:{account}:role/*',
      arns: ({ ctx }) => ramArns(ctx.account, 'role/*'),
    },
  ],
  throttle: 'query',
  errors: [],
  handle: async (ctx, { PageNumber, PageSize }) => {
    const window = { offset: (PageNumber - 1) * PageSize, limit: PageSize };
    const roles = await ctx.read.list(ROLES, ctx.place, window);
    return {
      Roles: await Promise.all(roles.map((role) => roleAnswer(ctx, role))),
      PageNumber,
      PageSize,
      TotalCount: await ctx.read.count(ROLES, ctx.place),
    };
  },
});
