import { CONNECTION_STATES } from '../../domain/kms/connection-states.ts';
import { KEY_STORES } from '../../domain/kms/key-store.ts';
import { choice, integer, text } from '../../schema/fields.ts';
import { out } from '../../schema/output.ts';
import { describeStore, storeName, storeOutput, storesPermission } from './_key-store.ts';
import { pageAnswer, pageInput, pageOutput, pageWindow } from './_paging.ts';
import { reads } from './_product.ts';

export const DescribeKeyStores = reads({
  product: 'Kms',
  name: 'DescribeKeyStores',
  origin: 'extension',
  title: 'Lists the private key stores of the region.',
  notes: 'Filters are exact and all must match. Ordered by id.',
  input: {
    KeyStoreId: text({ doc: 'Only the store of this id or ARN.', max: 128 }),
    KeyStoreName: text({ doc: 'Only the store of this name.', max: 128 }),
    HsmClusterId: text({ doc: 'Only the store of this HSM cluster.', max: 64 }),
    ConnectionState: choice(CONNECTION_STATES, { doc: 'Only stores in this state.' }),
    PageNumber: pageInput.PageNumber,
    PageSize: integer({ doc: 'Items on a page.', fallback: 20, min: 1, max: 100 }),
  },
  output: { KeyStores: out.list('The stores on the page.', 'KeyStore', storeOutput), ...pageOutput },
  permissions: [storesPermission('kms:DescribeKeyStores')],
  throttle: 'query',
  errors: [],
  handle: async (ctx, input) => {
    // Bounded by the quota of stores, so that filtering here costs nothing.
    const all = await ctx.read.list(KEY_STORES, ctx.place);
    const id = input.KeyStoreId === undefined ? undefined : (storeName(ctx, input.KeyStoreId).id ?? '');
    const wanted = (given: string | undefined, value: string): boolean => given === undefined || given === value;
    const found = all.filter(
      (store) =>
        wanted(id, store.keyStoreId) &&
        wanted(input.KeyStoreName, store.name) &&
        wanted(input.HsmClusterId, store.hsmClusterId) &&
        wanted(input.ConnectionState, store.connection),
    );
    const { offset, limit } = pageWindow(input);
    const page = found.slice(offset, offset + limit);
    return {
      KeyStores: await Promise.all(page.map((store) => describeStore(ctx, store))),
      ...pageAnswer(input, found.length),
    };
  },
});
