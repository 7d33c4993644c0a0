import { kmsArn } from '../../core/arn.ts';
import { out } from '../../schema/output.ts';
import { filteredKeys, keyFilters, withStoreIds } from './_key-filters.ts';
import { keyArn } from './_key-reference.ts';
import { pageAnswer, pageInput, pageOutput, pageWindow } from './_paging.ts';
import { reads } from './_product.ts';

export const ListKeys = reads({
  product: 'Kms',
  name: 'ListKeys',
  origin: 'vendor',
  title: 'Lists the keys of the region, those whose deletion is scheduled included.',
  notes: 'Ordered by id, which is about the order in which they were made.',
  input: { ...pageInput, Filters: keyFilters() },
  output: {
    Keys: out.list('The keys on the page.', 'Key', {
      KeyId: out.text('Id of the key.'),
      KeyArn: out.text('ARN of the key.'),
    }),
    ...pageOutput,
  },
  permissions: [
    {
      action: 'kms:ListKeys',
      resource: 'acs:kms:{region}:{account}:key',
      arns: ({ ctx }) => kmsArn(ctx.region, ctx.account, 'key'),
    },
  ],
  throttle: 'query',
  errors: [],
  handle: async (ctx, input) => {
    const filters = withStoreIds(ctx, input.Filters ?? new Map());
    const found = await filteredKeys(ctx.read, ctx.place, filters, pageWindow(input));
    return {
      Keys: found.keys.map((key) => ({ KeyId: key.keyId, KeyArn: keyArn(ctx, key) })),
      ...pageAnswer(input, found.total),
    };
  },
});
