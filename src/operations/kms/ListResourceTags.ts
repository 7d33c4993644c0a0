import { out } from '../../schema/output.ts';
import { findKey, itself, keyFound, keyId, keyOf, keyPermission, keyReferences } from './_key-reference.ts';
import { reads } from './_product.ts';

export const ListResourceTags = reads({
  product: 'Kms',
  name: 'ListResourceTags',
  origin: 'vendor',
  title: 'Lists the tags of a key.',
  input: { KeyId: keyId() },
  output: {
    Tags: out.list('The tags, by key.', 'Tag', {
      KeyId: out.text('Id of the key.'),
      TagKey: out.text('Key of the tag.'),
      TagValue: out.text('Value of the tag.'),
    }),
  },
  resolve: (ctx, input) => findKey(ctx, input.KeyId),
  permissions: [keyPermission('kms:ListResourceTags', itself)],
  guards: [keyFound(itself)],
  throttle: 'query',
  errors: [],
  references: keyReferences(itself),
  handle: async (_ctx, _input, named) => {
    const { keyId: id, tags } = keyOf(named);
    return { Tags: tags.map(({ key, value }) => ({ KeyId: id, TagKey: key, TagValue: value })) };
  },
});
