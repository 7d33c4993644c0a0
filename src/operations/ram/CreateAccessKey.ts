import { isoSeconds } from '../../core/time.ts';
import { ACCESS_KEYS } from '../../domain/ram/access-key.ts';
import { EVERY_ACCOUNT } from '../../domain/ram/account.ts';
import { newAccessKey } from '../../domain/ram/new-access-key.ts';
import { out } from '../../schema/output.ts';
import {
  findKeyOwner,
  keyOwnerFound,
  keyOwnerPermission,
  keyOwnerReferences,
  keysOf,
  ownerId,
} from './_access-key-owner.ts';
import { writes } from './_product.ts';
import { optionalUserName } from './_text.ts';

export const CreateAccessKey = writes({
  product: 'Ram',
  name: 'CreateAccessKey',
  origin: 'vendor',
  title: 'Makes an AccessKey.',
  notes: 'The secret is in this answer only.',
  input: { UserName: optionalUserName('User who gets the key; default: the caller (the root user included).') },
  output: {
    AccessKey: out.object('The new key.', {
      AccessKeyId: out.text('Id of the key.'),
      AccessKeySecret: out.secret('The secret; not shown again.'),
      Status: out.text('`Active`.'),
      CreateDate: out.text('When the key was made.'),
    }),
  },
  resolve: (ctx, input) => findKeyOwner(ctx, input.UserName),
  permissions: [keyOwnerPermission('ram:CreateAccessKey')],
  guards: [keyOwnerFound],
  throttle: 'management',
  errors: ['LimitExceeded.User.AccessKey'],
  references: keyOwnerReferences,
  handle: async (ctx, _input, owner) => {
    const { random, sealer, quotas } = ctx.ports;
    if ((await keysOf(ctx, owner)).length >= quotas.accessKeysPerUser) throw ctx.fail('LimitExceeded.User.AccessKey');
    const owned = { account: ctx.account, userId: ownerId(owner), now: ctx.now };
    const { record, secret } = newAccessKey(owned, random, sealer);
    await ctx.tx.insert(ACCESS_KEYS, EVERY_ACCOUNT, record);
    const text = secret.revealText();
    secret.wipe();
    ctx.refer('ACS::RAM::AccessKey', record.accessKeyId);
    return {
      AccessKey: {
        AccessKeyId: record.accessKeyId,
        AccessKeySecret: text,
        Status: record.status,
        CreateDate: isoSeconds(ctx.now),
      },
    };
  },
});
