import { accessKeyId, accessKeySecret } from '../../core/ids.ts';
import { Secret } from '../../core/secret.ts';
import { isoSeconds } from '../../core/time.ts';
import { ACCESS_KEYS, type AccessKeyRecord, accessKeyBinding } from '../../domain/ram/access-key.ts';
import { EVERY_ACCOUNT } from '../../domain/ram/account.ts';
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
    const id = accessKeyId(random);
    const text = accessKeySecret(random);
    const secret = Secret.ofText(text);
    const userId = ownerId(owner);
    await ctx.tx.insert<AccessKeyRecord>(ACCESS_KEYS, EVERY_ACCOUNT, {
      accessKeyId: id,
      account: ctx.account,
      ...(userId === undefined ? {} : { userId }),
      sealedSecret: sealer.seal(accessKeyBinding(ctx.account, id), secret),
      status: 'Active',
      createdAt: ctx.now.getTime(),
    });
    secret.wipe();
    ctx.refer('ACS::RAM::AccessKey', id);
    return {
      AccessKey: { AccessKeyId: id, AccessKeySecret: text, Status: 'Active', CreateDate: isoSeconds(ctx.now) },
    };
  },
});
