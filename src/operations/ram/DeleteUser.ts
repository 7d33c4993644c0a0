import { ACCESS_KEYS, accessKeyOwner } from '../../domain/ram/access-key.ts';
import { EVERY_ACCOUNT } from '../../domain/ram/account.ts';
import { ATTACHMENTS, attachedEntity } from '../../domain/ram/attachment.ts';
import { MEMBERSHIPS } from '../../domain/ram/group.ts';
import { USERS } from '../../domain/ram/user.ts';
import { writes } from './_product.ts';
import { userName } from './_text.ts';
import { findUser, userFound, userOf, userPermission, userReferences } from './_user.ts';

export const DeleteUser = writes({
  product: 'Ram',
  name: 'DeleteUser',
  origin: 'vendor',
  title: 'Deletes a RAM user.',
  notes: 'Its AccessKeys are to be deleted, its policies detached and its groups left before.',
  input: { UserName: userName() },
  output: {},
  resolve: (ctx, input) => findUser(ctx, input.UserName),
  permissions: [userPermission('ram:DeleteUser')],
  guards: [userFound],
  throttle: 'management',
  errors: ['DeleteConflict.User.AccessKey', 'DeleteConflict.User.Group', 'DeleteConflict.User.Policy'],
  references: userReferences,
  handle: async (ctx, _input, named) => {
    const { userId } = userOf(named);
    const owner = { index: 'owner', value: accessKeyOwner(ctx.account, userId) };
    if ((await ctx.tx.count(ACCESS_KEYS, EVERY_ACCOUNT, owner)) > 0) throw ctx.fail('DeleteConflict.User.AccessKey');
    if ((await ctx.tx.count(MEMBERSHIPS, ctx.place, { index: 'user', value: userId })) > 0) {
      throw ctx.fail('DeleteConflict.User.Group');
    }
    const entity = { index: 'entity', value: attachedEntity({ entity: 'user', entityId: userId }) };
    if ((await ctx.tx.count(ATTACHMENTS, ctx.place, entity)) > 0) throw ctx.fail('DeleteConflict.User.Policy');
    await ctx.tx.remove(USERS, ctx.place, userId);
    return {};
  },
});
