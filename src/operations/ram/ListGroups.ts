import { GROUPS } from '../../domain/ram/group.ts';
import { out } from '../../schema/output.ts';
import { groupAnswer, groupOutput, groupsPermission } from './_group.ts';
import { pageInput, pageOf, pageOutput, pageWindow } from './_paging.ts';
import { reads } from './_product.ts';

export const ListGroups = reads({
  product: 'Ram',
  name: 'ListGroups',
  origin: 'vendor',
  title: 'Lists the groups of the account.',
  input: pageInput,
  output: { Groups: out.list('The groups on the page.', 'Group', groupOutput), ...pageOutput },
  permissions: [groupsPermission('ram:ListGroups')],
  throttle: 'query',
  errors: [],
  handle: async (ctx, input) => {
    const found = await ctx.read.list(GROUPS, ctx.place, pageWindow(input));
    const { items, answer } = pageOf(input, found, (group) => group.groupId);
    return { Groups: items.map(groupAnswer), ...answer };
  },
});
