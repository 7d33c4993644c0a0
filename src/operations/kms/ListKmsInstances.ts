import { table } from '../../core/table.ts';
import { KEY_STORES } from '../../domain/kms/key-store.ts';
import { integer } from '../../schema/fields.ts';
import { out } from '../../schema/output.ts';
import { filtersOf } from './_filters.ts';
import { storeArn, storesPermission } from './_key-store.ts';
import { instanceStatus } from './_kms-instance.ts';
import { pageAnswer, pageInput, pageOutput, pageWindow } from './_paging.ts';
import { reads } from './_product.ts';

const FILTERS = table({ InstanceId: 'InstanceId', InstanceName: 'InstanceName', Status: 'Status' } as const);

export const ListKmsInstances = reads({
  product: 'Kms',
  name: 'ListKmsInstances',
  origin: 'vendor',
  title: 'Lists the private key stores of the region as the vendor lists its KMS instances.',
  notes: 'Ordered by id. DescribeKeyStores says more.',
  input: {
    Filters: filtersOf(FILTERS),
    PageNumber: pageInput.PageNumber,
    PageSize: integer({ doc: 'Items on a page.', fallback: 20, min: 1, max: 100 }),
  },
  output: {
    KmsInstances: out.list('The stores on the page.', 'KmsInstance', {
      KmsInstanceId: out.text('Id of the key store.'),
      KmsInstanceArn: out.text('ARN of the key store.'),
    }),
    ...pageOutput,
  },
  permissions: [storesPermission('kms:ListKmsInstances')],
  throttle: 'query',
  errors: [],
  handle: async (ctx, input) => {
    // Bounded by the quota of stores, so that filtering here costs nothing.
    const all = await ctx.read.list(KEY_STORES, ctx.place);
    const wanted = (name: keyof typeof FILTERS, value: string): boolean =>
      input.Filters?.get(name)?.includes(value) ?? true;
    const found = all.filter(
      (store) =>
        wanted('InstanceId', store.keyStoreId) &&
        wanted('InstanceName', store.name) &&
        wanted('Status', instanceStatus(store)),
    );
    const { offset, limit } = pageWindow(input);
    return {
      KmsInstances: found.slice(offset, offset + limit).map(({ keyStoreId }) => ({
        KmsInstanceId: keyStoreId,
        KmsInstanceArn: storeArn(ctx, keyStoreId),
      })),
      ...pageAnswer(input, found.length),
    };
  },
});
