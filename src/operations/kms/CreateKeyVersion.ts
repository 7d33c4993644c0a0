import { out } from '../../schema/output.ts';
import { keyState } from './_key-guards.ts';
import { findKey, itself, keyFound, keyId, keyPermission, keyReferences } from './_key-reference.ts';
import { keyVersionOutput } from './_key-version.ts';
import { writes } from './_product.ts';

export const CreateKeyVersion = writes({
  product: 'Kms',
  name: 'CreateKeyVersion',
  origin: 'vendor',
  title: 'Adds a version to an asymmetric key.',
  notes:
    'The vendor allows it for asymmetric keys outside private key stores only. All key specs here are symmetric so far, so a key that is found and usable answers UnsupportedOperation.',
  input: { KeyId: keyId() },
  output: { KeyVersion: out.object('The new version.', keyVersionOutput) },
  resolve: (ctx, input) => findKey(ctx, input.KeyId),
  permissions: [keyPermission('kms:CreateKeyVersion', itself)],
  guards: [keyFound(itself), keyState('use', itself)],
  throttle: 'management',
  errors: ['UnsupportedOperation'],
  references: keyReferences(itself),
  handle: async (ctx) => {
    throw ctx.fail('UnsupportedOperation');
  },
});
