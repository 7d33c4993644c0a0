import { MEMBERSHIPS, membershipId } from '../../domain/ram/group.ts';
import { groupOf } from './_group.ts';
import {
  findUserAndGroup,
  membershipGuards,
  membershipInput,
  membershipPermissions,
  membershipReferences,
} from './_membership.ts';
import { writes } from './_product.ts';
import { userOf } from './_user.ts';

export const RemoveUserFromGroup = writes({
  product: 'Ram',
  name: 'RemoveUserFromGroup',
  origin: 'vendor',
  title: 'Takes a user out of a group.',
  input: membershipInput,
  output: {},
  resolve: findUserAndGroup,
  permissions: membershipPermissions('ram:RemoveUserFromGroup'),
  guards: membershipGuards,
  throttle: 'management',
  errors: ['EntityNotExist.User.Group'],
  references: membershipReferences,
  handle: async (ctx, _input, named) => {
    const id = membershipId(groupOf(named).groupId, userOf(named).userId);
    if (!(await ctx.tx.remove(MEMBERSHIPS, ctx.place, id))) throw ctx.fail('EntityNotExist.User.Group');
    return {};
  },
});
