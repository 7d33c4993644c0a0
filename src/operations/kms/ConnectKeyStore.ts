import { Fault, fail } from '../../errors/fault.ts';
import { actAsRole, RoleMissing } from '../../keystore/acting-role.ts';
import { type ClusterView, isLost, isReady, viewCluster } from '../../keystore/cluster-view.ts';
import { moveStore } from '../../keystore/move-store.ts';
import type { HandlerContext } from '../../operation/context.ts';
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
import { type KmsPorts, writes } from './_product.ts';

/**
 * Looks at the store's cluster as the role. `unknown` when that cannot be said at once: the attempt itself will find
 * out, with time to try again.
 */
async function lookAhead(
  ctx: HandlerContext<KmsPorts, never>,
  id: string,
): Promise<ClusterView | undefined | 'unknown'> {
  try {
    return await viewCluster(await actAsRole(ctx.ports.services, ctx.place), ctx.region, id);
  } catch (error) {
    if (error instanceof Fault || error instanceof RoleMissing) return 'unknown';
    throw error;
  }
}

export const ConnectKeyStore = writes({
  product: 'Kms',
  name: 'ConnectKeyStore',
  origin: 'extension',
  title: 'Connects a private key store to its HSM cluster.',
  notes:
    'Asynchronous: the answer comes at once, DescribeKeyStore tells how it ended (`Connected`, or `Failed` with a ConnectionErrorCode). What can be seen at once to be wrong with the cluster is refused at once, and the store stays `Disconnected`. A store that is `Connected` or `Connecting` is left as it is. From `Failed`, disconnect first.',
  input: { KeyStoreId: storeInput.id() },
  output: { ConnectionState: out.text('The state after the call: `Connecting`, or `Connected` when it already was.') },
  resolve: namedStore,
  permissions: [storePermission('kms:ConnectKeyStore')],
  guards: [storeFound, connectionAllows('connect')],
  throttle: 'management',
  errors: [
    'Forbidden.HsmClusterNotFound',
    'Rejected.HsmClusterNotInitialized',
    'Rejected.HsmClusterInvalidConfiguration',
  ],
  references: storeReferences,
  prepare: async (ctx, _input, named) => {
    const store = storeOf(named);
    if (store.connection !== 'Disconnected') return;
    const cluster = await lookAhead(ctx, store.hsmClusterId);
    if (cluster === 'unknown') return;
    if (cluster === undefined) throw fail('Forbidden.HsmClusterNotFound');
    // What is lost for good is the store's business, and told in its state.
    if (isLost(cluster)) return;
    const name = { cluster: cluster.clusterId };
    if (!isReady(cluster)) throw fail('Rejected.HsmClusterNotInitialized', { ...name, state: cluster.status });
    if (cluster.zones.length === 0) {
      throw fail('Rejected.HsmClusterInvalidConfiguration', { ...name, detail: 'it has no vSwitch.' });
    }
  },
  handle: async (ctx, _input, named) => {
    const store = await moveStore(ctx.tx, ctx.place, storeOf(named), 'connect', { at: ctx.now.getTime() });
    return { ConnectionState: store.connection };
  },
});
