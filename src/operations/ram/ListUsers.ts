import { USERS } from '../../domain/ram/user.ts';
import { out } from '../../schema/output.ts';
import { pageInput, pageOf, pageOutput, pageWindow } from './_paging.ts';
import { reads } from './_product.ts';
import { userAnswer, userOutput, usersPermission } from './_user.ts';

export const ListUsers = reads({
  product: 'Ram',
  name: 'ListUsers',
  origin: 'vendor',
  title: 'Lists the RAM users of the account.',
  input: pageInput,
  output: { Users: out.list('The users on the page.', 'User', userOutput), ...pageOutput },
  permissions: [usersPermission('ram:ListUsers')],
  throttle: 'query',
  errors: [],
  handle: async (ctx, input) => {
    const found = await ctx.read.list(USERS, ctx.place, pageWindow(input));
    const { items, answer } = pageOf(input, found, (user) => user.userId);
    return { Users: items.map(userAnswer), ...answer };
  },
});
