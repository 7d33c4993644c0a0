import { moveKey } from './_key-change.ts';
import { keyState } from './_key-guards.ts';
import { findKey, itself, keyFound, keyId, keyOf, keyPermission, keyReferences } from './_key-reference.ts';
import { writes } from './_product.ts';

export const CancelKeyDeletion = writes({
  product: 'Kms',
  name: 'CancelKeyDeletion',
  origin: 'vendor',
  title: 'Takes back the scheduled deletion of a key.',
  notes: 'The key is Enabled afterwards, whatever it was before its deletion was scheduled.',
  input: { KeyId: keyId() },
  output: {},
  resolve: (ctx, input) => findKey(ctx, input.KeyId),
  permissions: [keyPermission('kms:CancelKeyDeletion', itself)],
  guards: [keyFound(itself), keyState('cancel-deletion', itself)],
  throttle: 'management',
  errors: [],
  references: keyReferences(itself),
  handle: async (ctx, _input, named) => {
    await moveKey(ctx.tx, ctx.place, keyOf(named), 'cancel-deletion');
    return {};
  },
});
