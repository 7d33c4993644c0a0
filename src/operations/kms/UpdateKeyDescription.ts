import { KEYS } from '../../domain/kms/key.ts';
import { text } from '../../schema/fields.ts';
import { keyState } from './_key-guards.ts';
import { findKey, itself, keyFound, keyId, keyOf, keyPermission, keyReferences } from './_key-reference.ts';
import { writes } from './_product.ts';

export const UpdateKeyDescription = writes({
  product: 'Kms',
  name: 'UpdateKeyDescription',
  origin: 'vendor',
  title: 'Changes the description of a key.',
  input: {
    KeyId: keyId(),
    Description: text({ doc: 'The new text. Empty is a text, too.', required: true, min: 0, max: 8192 }),
  },
  output: {},
  resolve: (ctx, input) => findKey(ctx, input.KeyId),
  permissions: [keyPermission('kms:UpdateKeyDescription', itself)],
  guards: [keyFound(itself), keyState('describe', itself)],
  throttle: 'management',
  errors: [],
  references: keyReferences(itself),
  handle: async (ctx, input, named) => {
    await ctx.tx.update(KEYS, ctx.place, { ...keyOf(named), description: input.Description });
    return {};
  },
});
