import { KEYS } from '../../domain/kms/key.ts';
import { flag } from '../../schema/fields.ts';
import { textList } from '../../schema/list-fields.ts';
import { writes } from './_product.ts';
import {
  findResources,
  keysOf,
  resourceIds,
  resourcesChangeable,
  resourcesFound,
  resourcesInput,
  resourcesPermission,
  resourcesReferences,
} from './_tagged-resources.ts';
import { MAX_TAGS } from './_tags.ts';

export const UntagResources = writes({
  product: 'Kms',
  name: 'UntagResources',
  origin: 'vendor',
  title: 'Removes tags from several keys.',
  notes: 'All or nothing, as TagResources. Keys of tags that a key does not carry are passed over.',
  input: {
    ...resourcesInput,
    ResourceId: resourceIds(true),
    TagKey: textList({ doc: 'Keys of the tags to remove.', maxItems: MAX_TAGS, max: 128 }),
    All: flag({ doc: 'Removes all tags; only looked at when no TagKey is given.', fallback: false }),
  },
  output: {},
  resolve: (ctx, input) => findResources(ctx, input),
  permissions: [resourcesPermission('kms:UntagResources')],
  guards: [resourcesFound, resourcesChangeable],
  throttle: 'management',
  errors: ['InvalidParameter', 'MissingParameter'],
  references: resourcesReferences,
  handle: async (ctx, input, resources) => {
    const { TagKey: names = [], All: all } = input;
    if (names.length === 0 && !all) throw ctx.fail('MissingParameter', { name: 'TagKey' });
    for (const key of keysOf(resources)) {
      const tags = names.length === 0 ? [] : key.tags.filter((tag) => !names.includes(tag.key));
      await ctx.tx.update(KEYS, ctx.place, { ...key, tags });
    }
    return {};
  },
});
