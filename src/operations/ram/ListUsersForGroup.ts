import { isoSeconds } from '../../core/time.ts';
import { MEMBERSHIPS, membershipId } from '../../domain/ram/group.ts';
import { USERS } from '../../domain/ram/user.ts';
import { out } from '../../schema/output.ts';
import { findGroup, groupFound, groupOf, groupPermission, groupReferences } from './_group.ts';
import { pageInput, pageOf, pageOutput, pageWindow } from './_paging.ts';
import { reads } from './_product.ts';
import { groupName } from './_text.ts';

export const ListUsersForGroup = reads({
  product: 'Ram',
  name: 'ListUsersForGroup',
  origin: 'vendor',
  title: 'Lists the users in a group.',
  input: { GroupName: groupName(), ...pageInput },
  output: {
    Users: out.list('The users on the page.', 'User', {
      UserName: out.text('Name of the user.'),
      DisplayName: out.text('Name to show.'),
      JoinDate: out.text('When the user was put into the group.'),
    }),
    ...pageOutput,
  },
  resolve: (ctx, input) => findGroup(ctx, input.GroupName),
  permissions: [groupPermission('ram:ListUsersForGroup')],
  guards: [groupFound],
  throttle: 'query',
  errors: [],
  references: groupReferences,
  handle: async (ctx, input, named) => {
    const of = { index: 'group', value: groupOf(named).groupId };
    const found = await ctx.read.list(MEMBERSHIPS, ctx.place, { ...of, ...pageWindow(input) });
    const { items, answer } = pageOf(input, found, ({ groupId, userId }) => membershipId(groupId, userId));
    const users = await Promise.all(
      items.map(async ({ userId, joinedAt }) => {
        const user = await ctx.read.get(USERS, ctx.place, userId);
        const JoinDate = isoSeconds(new Date(joinedAt));
        return user && { UserName: user.userName, DisplayName: user.displayName, JoinDate };
      }),
    );
    return { Users: users.filter((user) => user !== undefined), ...answer };
  },
});
