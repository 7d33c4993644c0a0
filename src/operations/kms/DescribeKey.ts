import { out } from '../../schema/output.ts';
import { keyMetadata, metadataOf } from './_key-metadata.ts';
import { findKey, itself, keyFound, keyId, keyOf, keyPermission, keyReferences } from './_key-reference.ts';
import { reads } from './_product.ts';

export const DescribeKey = reads({
  product: 'Kms',
  name: 'DescribeKey',
  origin: 'vendor',
  title: 'Returns what is known of a key, in any state.',
  notes: 'The connection of a private key store does not change the key state that is shown.',
  input: { KeyId: keyId() },
  output: {
    KeyMetadata: out.object('The key.', {
      ...keyMetadata,
      DeletionProtection: out.text('`Disabled`: protection from deletion is not offered.'),
    }),
  },
  resolve: (ctx, input) => findKey(ctx, input.KeyId),
  permissions: [keyPermission('kms:DescribeKey', itself)],
  guards: [keyFound(itself)],
  throttle: 'query',
  errors: [],
  references: keyReferences(itself),
  handle: async (ctx, _input, named) => ({
    KeyMetadata: { ...metadataOf(ctx, keyOf(named)), DeletionProtection: 'Disabled' },
  }),
});
