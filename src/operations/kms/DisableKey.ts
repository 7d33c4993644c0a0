import { moveKey } from './_key-change.ts';
import { keyState } from './_key-guards.ts';
import { findKey, itself, keyFound, keyId, keyOf, keyPermission, keyReferences } from './_key-reference.ts';
import { writes } from './_product.ts';

export const DisableKey = writes({
  product: 'Kms',
  name: 'DisableKey',
  origin: 'vendor',
  title: 'Makes a key unusable until it is enabled again.',
  notes: 'Repeating it changes nothing. It works while the private key store of the key is disconnected.',
  input: { KeyId: keyId() },
  output: {},
  resolve: (ctx, input) => findKey(ctx, input.KeyId),
  permissions: [keyPermission('kms:DisableKey', itself)],
  guards: [keyFound(itself), keyState('switch', itself)],
  throttle: 'management',
  errors: [],
  references: keyReferences(itself),
  handle: async (ctx, _input, named) => {
    await moveKey(ctx.tx, ctx.place, keyOf(named), 'disable');
    return {};
  },
});
