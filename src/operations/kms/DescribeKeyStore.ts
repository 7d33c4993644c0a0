import { out } from '../../schema/output.ts';
import {
  describeStore,
  namedStore,
  storeFound,
  storeInput,
  storeOf,
  storeOutput,
  storePermission,
  storeReferences,
} from './_key-store.ts';
import { reads } from './_product.ts';

export const DescribeKeyStore = reads({
  product: 'Kms',
  name: 'DescribeKeyStore',
  origin: 'extension',
  title: 'Describes a private key store: its connection, its HSM cluster, its place in the network.',
  notes:
    'A store stays `Connected` when its HSMs do not answer: look at AvailableHsmNum. The state of its keys does not depend on its connection.',
  input: { KeyStoreId: storeInput.id() },
  output: { KeyStore: out.object('The key store.', storeOutput) },
  resolve: namedStore,
  permissions: [storePermission('kms:DescribeKeyStore')],
  guards: [storeFound],
  throttle: 'query',
  errors: [],
  references: storeReferences,
  handle: async (ctx, _input, named) => ({ KeyStore: await describeStore(ctx, storeOf(named)) }),
});
