import { isoSeconds } from '../../core/time.ts';
import { GROUPS, MEMBERSHIPS } from '../../domain/ram/group.ts';
import { out } from '../../schema/output.ts';
import { reads } from './_product.ts';
import { userName } from './_text.ts';
import { findUser, userFound, userOf, userPermission, userReferences } from './_user.ts';

export const ListGroupsForUser = reads({
  product: 'Ram',
  name: 'ListGroupsForUser',
  origin: 'vendor',
  title: 'Lists the groups a user is in.',
  input: { UserName: userName() },
  output: {
    Groups: out.list('The groups.', 'Group', {
      GroupId: out.text('Id of the group.'),
      GroupName: out.text('Name of the group.'),
      Comments: out.text('Remarks.'),
      JoinDate: out.text('When the user was put into the group.'),
    }),
  },
  resolve: (ctx, input) => findUser(ctx, input.UserName),
  permissions: [userPermission('ram:ListGroupsForUser')],
  guards: [userFound],
  throttle: 'query',
  errors: [],
  references: userReferences,
  handle: async (ctx, _input, named) => {
    const of = { index: 'user', value: userOf(named).userId };
    const memberships = await ctx.read.list(MEMBERSHIPS, ctx.place, of);
    const groups = await Promise.all(
      memberships.map(async ({ groupId, joinedAt }) => {
        const group = await ctx.read.get(GROUPS, ctx.place, groupId);
        const JoinDate = isoSeconds(new Date(joinedAt));
        return group && { GroupId: groupId, GroupName: group.groupName, Comments: group.comments, JoinDate };
      }),
    );
    return { Groups: groups.filter((group) => group !== undefined) };
  },
});
