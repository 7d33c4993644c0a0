import { ACCESS_KEYS } from '../../domain/ram/access-key.ts';
import { EVERY_ACCOUNT } from '../../domain/ram/account.ts';
import {
  findKeyOwner,
  isLastOfRoot,
  keyOwnerFound,
  keyOwnerPermission,
  keyOwnerReferences,
  ownKey,
  userAccessKeyId,
} from './_access-key-owner.ts';
import { writes } from './_product.ts';
import { optionalUserName } from './_text.ts';

export const DeleteAccessKey = writes({
  product: 'Ram',
  name: 'DeleteAccessKey',
  origin: 'vendor',
  title: 'Deletes an AccessKey.',
  notes: 'The key is refused from the next call on. The last active key of the root user cannot be deleted.',
  input: {
    UserAccessKeyId: userAccessKeyId(),
    UserName: optionalUserName('User whose key it is; default: the caller.'),
  },
  output: {},
  resolve: (ctx, input) => findKeyOwner(ctx, input.UserName),
  permissions: [keyOwnerPermission('ram:DeleteAccessKey')],
  guards: [keyOwnerFound],
  throttle: 'management',
  errors: ['EntityNotExist.User.AccessKey', 'DeleteConflict.Account.LastAccessKey'],
  references: keyOwnerReferences,
  handle: async (ctx, input, owner) => {
    const key = await ownKey(ctx, owner, input.UserAccessKeyId);
    if (key === undefined) throw ctx.fail('EntityNotExist.User.AccessKey');
    if (await isLastOfRoot(ctx, owner, key)) throw ctx.fail('DeleteConflict.Account.LastAccessKey');
    ctx.refer('ACS::RAM::AccessKey', key.accessKeyId);
    await ctx.tx.remove(ACCESS_KEYS, EVERY_ACCOUNT, key.accessKeyId);
    return {};
  },
});
