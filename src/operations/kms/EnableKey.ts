import { moveKey } from './_key-change.ts';
import { keyState } from './_key-guards.ts';
import { findKey, itself, keyFound, keyId, keyOf, keyPermission, keyReferences } from './_key-reference.ts';
import { writes } from './_product.ts';

export const EnableKey = writes({
  product: 'Kms',
  name: 'EnableKey',
  origin: 'vendor',
  title: 'Makes a disabled key usable again.',
  notes: 'Repeating it changes nothing. It works while the private key store of the key is disconnected.',
  input: { KeyId: keyId() },
  output: {},
  resolve: (ctx, input) => findKey(ctx, input.KeyId),
  permissions: [keyPermission('kms:EnableKey', itself)],
  guards: [keyFound(itself), keyState('switch', itself)],
  throttle: 'management',
  errors: [],
  references: keyReferences(itself),
  handle: async (ctx, _input, named) => {
    await moveKey(ctx.tx, ctx.place, keyOf(named), 'enable');
    return {};
  },
});
