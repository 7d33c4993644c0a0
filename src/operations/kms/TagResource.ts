import { KEYS } from '../../domain/kms/key.ts';
import { keyState } from './_key-guards.ts';
import { itself, keyFound, keyOf, keyPermission, keyReferences } from './_key-reference.ts';
import { writes } from './_product.ts';
import { findTagged, taggedInput } from './_tagged-key.ts';
import { changedTags, tagsJson } from './_tags.ts';

export const TagResource = writes({
  product: 'Kms',
  name: 'TagResource',
  origin: 'vendor',
  title: 'Adds tags to a key; a tag with the same key gets the new value.',
  input: { ...taggedInput, Tags: tagsJson(true) },
  output: {},
  resolve: (ctx, input) => findTagged(ctx, input),
  permissions: [keyPermission('kms:TagResource', itself)],
  guards: [keyFound(itself), keyState('describe', itself)],
  throttle: 'management',
  errors: ['InvalidParameter', 'MissingParameter', 'Rejected.LimitExceeded'],
  references: keyReferences(itself),
  handle: async (ctx, input, named) => {
    await ctx.tx.update(KEYS, ctx.place, changedTags(keyOf(named), input.Tags));
    return {};
  },
});
