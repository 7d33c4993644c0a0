import { KEYS } from '../../domain/kms/key.ts';
import { textList } from '../../schema/list-fields.ts';
import { keyState } from './_key-guards.ts';
import { itself, keyFound, keyOf, keyPermission, keyReferences } from './_key-reference.ts';
import { writes } from './_product.ts';
import { findTagged, taggedInput } from './_tagged-key.ts';
import { MAX_TAGS } from './_tags.ts';

export const UntagResource = writes({
  product: 'Kms',
  name: 'UntagResource',
  origin: 'vendor',
  title: 'Removes tags from a key; keys of tags it does not carry are passed over.',
  input: {
    ...taggedInput,
    TagKeys: textList({ doc: 'Keys of the tags, as a JSON array.', required: true, maxItems: MAX_TAGS, max: 128 }),
  },
  output: {},
  resolve: (ctx, input) => findTagged(ctx, input),
  permissions: [keyPermission('kms:UntagResource', itself)],
  guards: [keyFound(itself), keyState('describe', itself)],
  throttle: 'management',
  errors: ['InvalidParameter', 'MissingParameter'],
  references: keyReferences(itself),
  handle: async (ctx, input, named) => {
    const key = keyOf(named);
    const tags = key.tags.filter((tag) => !input.TagKeys.includes(tag.key));
    await ctx.tx.update(KEYS, ctx.place, { ...key, tags });
    return {};
  },
});
