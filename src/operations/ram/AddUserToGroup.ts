import { MEMBERSHIPS, membershipId } from '../../domain/ram/group.ts';
import { groupOf } from './_group.ts';
import {
  findUserAndGroup,
  membershipGuards,
  membershipInput,
  membershipPermissions,
  membershipReferences,
  type UserAndGroup,
} from './_membership.ts';
import { writes } from './_product.ts';
import { userOf } from './_user.ts';

export const AddUserToGroup = writes({
  product: 'Ram',
  name: 'AddUserToGroup',
  origin: 'vendor',
  title: 'Puts a user into a group.',
  notes: "The group's policies count for the user from the next call on.",
  input: membershipInput,
  output: {},
  resolve: findUserAndGroup,
  permissions: membershipPermissions('ram:AddUserToGroup'),
  guards: membershipGuards,
  throttle: 'management',
  errors: ['EntityAlreadyExists.User.Group', 'LimitExceeded.User.Group'],
  references: membershipReferences,
  handle: async (ctx, _input, named: UserAndGroup) => {
    const { userId } = userOf(named);
    const { groupId } = groupOf(named);
    if ((await ctx.tx.get(MEMBERSHIPS, ctx.place, membershipId(groupId, userId))) !== undefined) {
      throw ctx.fail('EntityAlreadyExists.User.Group');
    }
    const joined = await ctx.tx.count(MEMBERSHIPS, ctx.place, { index: 'user', value: userId });
    if (joined >= ctx.ports.quotas.groupsPerUser) throw ctx.fail('LimitExceeded.User.Group');
    await ctx.tx.insert(MEMBERSHIPS, ctx.place, { groupId, userId, joinedAt: ctx.now.getTime() });
    return {};
  },
});
