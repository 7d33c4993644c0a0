import { moveStore } from '../../keystore/move-store.ts';
import { out } from '../../schema/output.ts';
import {
  connectionAllows,
  namedStore,
  storeFound,
  storeInput,
  storeOf,
  storePermission,
  storeReferences,
} from './_key-store.ts';
import { writes } from './_product.ts';

export const DisconnectKeyStore = writes({
  product: 'Kms',
  name: 'DisconnectKeyStore',
  origin: 'extension',
  title: 'Disconnects a private key store from its HSM cluster.',
  notes:
    'Also the way out of `Failed` and of a connect that takes too long. From the answer on, keys of the store are refused; nothing is lost, and connecting again brings all back.',
  input: { KeyStoreId: storeInput.id() },
  output: { ConnectionState: out.text('`Disconnecting`.') },
  resolve: namedStore,
  permissions: [storePermission('kms:DisconnectKeyStore')],
  guards: [storeFound, connectionAllows('disconnect')],
  throttle: 'management',
  errors: [],
  references: storeReferences,
  handle: async (ctx, _input, named) => {
    const store = await moveStore(ctx.tx, ctx.place, storeOf(named), 'disconnect', { at: ctx.now.getTime() });
    return { ConnectionState: store.connection };
  },
});
