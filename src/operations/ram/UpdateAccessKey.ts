import { ACCESS_KEYS } from '../../domain/ram/access-key.ts';
import { EVERY_ACCOUNT } from '../../domain/ram/account.ts';
import { choice } from '../../schema/fields.ts';
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

export const UpdateAccessKey = writes({
  product: 'Ram',
  name: 'UpdateAccessKey',
  origin: 'vendor',
  title: 'Enables or disables an AccessKey.',
  notes: 'A disabled key is refused from the next call on. The last active key of the root user cannot be disabled.',
  input: {
    UserAccessKeyId: userAccessKeyId(),
    Status: choice(['Active', 'Inactive'], { doc: 'New status.', required: true }),
    UserName: optionalUserName('User whose key it is; default: the caller.'),
  },
  output: {},
  resolve: (ctx, input) => findKeyOwner(ctx, input.UserName),
  permissions: [keyOwnerPermission('ram:UpdateAccessKey')],
  guards: [keyOwnerFound],
  throttle: 'management',
  errors: ['EntityNotExist.User.AccessKey', 'DeleteConflict.Account.LastAccessKey'],
  references: keyOwnerReferences,
  handle: async (ctx, input, owner) => {
    const key = await ownKey(ctx, owner, input.UserAccessKeyId);
    if (key === undefined) throw ctx.fail('EntityNotExist.User.AccessKey');
    if (input.Status === 'Inactive' && (await isLastOfRoot(ctx, owner, key))) {
      throw ctx.fail('DeleteConflict.Account.LastAccessKey');
    }
    ctx.refer('ACS::RAM::AccessKey', key.accessKeyId);
    await ctx.tx.update(ACCESS_KEYS, EVERY_ACCOUNT, { ...key, status: input.Status });
    return {};
  },
});
