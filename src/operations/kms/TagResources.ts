import { KEYS } from '../../domain/kms/key.ts';
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
import { changedTags, checkedTags, tagList } from './_tags.ts';

export const TagResources = writes({
  product: 'Kms',
  name: 'TagResources',
  origin: 'vendor',
  title: 'Adds tags to several keys.',
  notes: 'All or nothing: when one key is missing, forbidden or waiting for its deletion, none is changed.',
  input: { ...resourcesInput, ResourceId: resourceIds(true), Tag: tagList(true) },
  output: {},
  resolve: (ctx, input) => findResources(ctx, input),
  permissions: [resourcesPermission('kms:TagResources')],
  guards: [resourcesFound, resourcesChangeable],
  throttle: 'management',
  errors: ['InvalidParameter', 'Rejected.LimitExceeded'],
  references: resourcesReferences,
  handle: async (ctx, input, resources) => {
    const added = checkedTags(input.Tag);
    for (const key of keysOf(resources)) await ctx.tx.update(KEYS, ctx.place, changedTags(key, added));
    return {};
  },
});
