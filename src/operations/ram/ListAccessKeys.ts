import { isoSeconds } from '../../core/time.ts';
import { out } from '../../schema/output.ts';
import { findKeyOwner, keyOwnerFound, keyOwnerPermission, keyOwnerReferences, keysOf } from './_access-key-owner.ts';
import { reads } from './_product.ts';
import { optionalUserName } from './_text.ts';

export const ListAccessKeys = reads({
  product: 'Ram',
  name: 'ListAccessKeys',
  origin: 'vendor',
  title: 'Lists the AccessKeys of a user.',
  input: { UserName: optionalUserName('User whose keys; default: the caller (the root user included).') },
  output: {
    AccessKeys: out.list('The keys, oldest first.', 'AccessKey', {
      AccessKeyId: out.text('Id of the key.'),
      Status: out.text('`Active` or `Inactive`.'),
      CreateDate: out.text('When the key was made.'),
    }),
  },
  resolve: (ctx, input) => findKeyOwner(ctx, input.UserName),
  permissions: [keyOwnerPermission('ram:ListAccessKeys')],
  guards: [keyOwnerFound],
  throttle: 'query',
  errors: [],
  references: keyOwnerReferences,
  handle: async (ctx, _input, owner) => {
    const keys = (await keysOf(ctx, owner)).sort((a, b) => a.createdAt - b.createdAt);
    return {
      AccessKeys: keys.map((key) => ({
        AccessKeyId: key.accessKeyId,
        Status: key.status,
        CreateDate: isoSeconds(new Date(key.createdAt)),
      })),
    };
  },
});
