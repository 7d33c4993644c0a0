/**
 * Encrypt in a private key store (two SoftHSM2 members, each in its process) against the default store, by the same
 * server, client and request but for the key. What the tokens alone can do is in `bench/hsm.ts`.
 * `node bench/store.ts [--quick]`.
 */
import { PRODUCTS } from '../src/domain/products.ts';
import { connect, makeCluster, makeNetwork, storeOver } from '../test/support/key-store.ts';
import type { Call } from '../test/support/sdk.ts';
import { type Load, type Measured, openLoad } from './support/load.ts';
import { type CofferServer, removeData, startCoffer } from './support/servers.ts';
import { median, rounded } from './support/statistics.ts';
import { table } from './support/table.ts';

export interface StoreRow {
  readonly connections: number;
  readonly defaultPerSecond: number;
  readonly privatePerSecond: number;
  /** The private store's request rate as a share of the default store's. */
  readonly ratio: number;
  readonly defaultP99Ms: number;
  readonly privateP99Ms: number;
  /** CPU per request of the server's event loop, in microseconds; the HSM processes' own is not in it. */
  readonly defaultLoopUs: number;
  readonly privateLoopUs: number;
}

/** A key of the default store, and one of a private key store made and connected as the owner would. */
async function makeKeys(server: CofferServer): Promise<{ readonly usual: string; readonly inHsm: string }> {
  const call: Call = (product, action, parameters = {}) =>
    server.call(action, parameters as Readonly<Record<string, string>>, PRODUCTS[product].version);
  const cluster = await makeCluster(call, await makeNetwork(call));
  const store = await call('Kms', 'CreateKeyStore', storeOver(cluster, 'bench'));
  await connect(call, store.KeyStoreId);
  const idOf = async (parameters: Record<string, string>): Promise<string> =>
    (await call('Kms', 'CreateKey', parameters)).KeyMetadata.KeyId;
  return { usual: await idOf({}), inHsm: await idOf({ DKMSInstanceId: store.KeyStoreId }) };
}

async function run(load: Load, server: CofferServer, KeyId: string, connections: number, requests: number) {
  const { accessKeyId, accessKeySecret, port, pid } = server;
  const parameters = { KeyId, Plaintext: Buffer.alloc(32, 7).toString('base64') };
  const plan = {
    host: `127.0.0.1:${port}`,
    signing: 'ACS3',
    action: 'Encrypt',
    parameters,
    accessKeyId,
    accessKeySecret,
  } as const;
  return load.measure({ host: '127.0.0.1', port, connections, requests, plans: [plan] }, pid);
}

/** Rows for 1, 8 and 32 connections. */
export async function storeBench(quick: boolean): Promise<StoreRow[]> {
  const [load, server] = [openLoad(), await startCoffer()];
  try {
    const { usual, inHsm } = await makeKeys(server);
    for (const key of [usual, inHsm]) await run(load, server, key, 32, quick ? 2000 : 8000);
    const rows: StoreRow[] = [];
    for (const connections of [1, 8, 32]) {
      const pairs: { readonly usual: Measured; readonly inHsm: Measured }[] = [];
      const requests = Math.ceil((await run(load, server, usual, connections, 200)).perSecond * 0.5);
      for (let round = 0; round < (quick ? 3 : 5); round += 1) {
        const one = await run(load, server, usual, connections, requests);
        pairs.push({ usual: one, inHsm: await run(load, server, inHsm, connections, requests) });
      }
      const of = (read: (pair: (typeof pairs)[number]) => number, digits = 0) =>
        rounded(median(pairs.map(read)), digits);
      rows.push({
        connections,
        defaultPerSecond: of((pair) => pair.usual.perSecond),
        privatePerSecond: of((pair) => pair.inHsm.perSecond),
        ratio: of((pair) => pair.inHsm.perSecond / pair.usual.perSecond, 3),
        defaultP99Ms: of((pair) => pair.usual.p99Ms, 3),
        privateP99Ms: of((pair) => pair.inHsm.p99Ms, 3),
        defaultLoopUs: of((pair) => pair.usual.mainCpuUs, 1),
        privateLoopUs: of((pair) => pair.inHsm.mainCpuUs, 1),
      });
    }
    return rows;
  } finally {
    load.close();
    await server.stop();
    await removeData(server);
  }
}

export function storeTable(rows: readonly StoreRow[]): string {
  return table(rows.map((one) => ({ ...one })));
}

if (import.meta.main) console.log(storeTable(await storeBench(process.argv.includes('--quick'))));
