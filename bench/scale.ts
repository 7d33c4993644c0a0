/**
 * Whether a call costs more the more keys there are. Inserts very many keys straight through the storage, then calls a
 * server over it on random ones of them (most are in no cache), and a server with ten keys alike.
 * `node bench/scale.ts [--quick]`: 10^5 keys with `--quick`, else 10^6.
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { KEYS, type KeyRecord } from '../src/domain/kms/key.ts';
import type { Storage } from '../src/domain/storage.ts';
import { openStorage } from '../src/storage/open.ts';
import { type Load, type Measured, openLoad } from './support/load.ts';
import { type CofferServer, removeData, startCoffer } from './support/servers.ts';
import { median, rounded } from './support/statistics.ts';
import { table } from './support/table.ts';

const FEW = 10;
const REGION = 'cn-hangzhou';
const RECORDS_AT_ONCE = 5000;
/** Distinct keys a round calls. */
const CALLED = 2000;
const CONNECTIONS = 8;

export interface ScaleRow {
  readonly operation: 'DescribeKey' | 'Encrypt';
  readonly keys: number;
  /** `hot`: one key again and again. `cold`: every call another key. */
  readonly access: 'hot' | 'cold';
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly serverCpuUs: number;
}

interface Filled {
  readonly server: CofferServer;
  readonly keyIds: readonly string[];
}

function withStorage<T>(directory: string, work: (storage: Storage) => Promise<T>): Promise<T> {
  const at = join(directory, 'data', 'db');
  const options = { kind: 'sqlite', directory: at, wall: () => new Date(), nodeId: 'bench' } as const;
  return openStorage({ ...options, transactionWaitMs: 10_000, transactionLimitMs: 120_000 }).then(async (storage) => {
    try {
      return await work(storage);
    } finally {
      await storage.close();
    }
  });
}

/** A key like the template under another id. */
function copyOf(key: KeyRecord, at: number): KeyRecord {
  return { ...key, keyId: `key-hzz${at.toString(16).padStart(8, '0')}${randomUUID().slice(0, 10)}` };
}

/**
 * Makes real keys through the API, stops the server, and copies the records of one until there are `keys`. Copies have no
 * material of their own (a version opens for its own key only), so Encrypt is called on the real ones.
 */
async function fill(keys: number): Promise<Filled & { readonly realIds: readonly string[] }> {
  const first = await startCoffer();
  const realIds: string[] = [];
  for (let at = 0; at < FEW; at += 1) {
    const { KeyMetadata } = (await first.call('CreateKey', {})) as { KeyMetadata: { KeyId: string } };
    realIds.push(KeyMetadata.KeyId);
  }
  const { KeyMetadata } = (await first.call('DescribeKey', { KeyId: realIds[0]! })) as {
    KeyMetadata: { Creator: string };
  };
  await first.stop();
  const place = { account: KeyMetadata.Creator, region: REGION };
  const made: string[] = [];
  await withStorage(first.directory, async (storage) => {
    const key = (await storage.reader.get(KEYS, place, realIds[0]!))!;
    while (made.length < keys - FEW) {
      await storage.transaction(async (tx) => {
        const inserts: Promise<void>[] = [];
        for (let at = 0; at < RECORDS_AT_ONCE && made.length < keys - FEW; at += 1) {
          const copy = copyOf(key, made.length);
          inserts.push(tx.insert(KEYS, place, copy));
          made.push(copy.keyId);
        }
        await Promise.all(inserts);
      });
    }
  });
  return { server: await startCoffer({ existing: first }), keyIds: [...realIds, ...made], realIds };
}

function spread(keyIds: readonly string[]): string[] {
  const step = Math.max(1, Math.floor(keyIds.length / CALLED));
  return keyIds.filter((_, at) => at % step === 0).slice(0, CALLED);
}

async function measure(
  load: Load,
  server: CofferServer,
  action: ScaleRow['operation'],
  keyIds: readonly string[],
): Promise<Measured[]> {
  const { accessKeyId, accessKeySecret } = server;
  const host = `127.0.0.1:${server.port}`;
  const plans = keyIds.map((KeyId) => ({
    host,
    signing: 'ACS3' as const,
    action,
    parameters: { KeyId, ...(action === 'Encrypt' ? { Plaintext: 'aGVsbG8=' } : {}) },
    accessKeyId,
    accessKeySecret,
  }));
  const rounds: Measured[] = [];
  for (let round = 0; round < 3; round += 1) {
    rounds.push(
      await load.measure(
        { host: '127.0.0.1', port: server.port, connections: CONNECTIONS, requests: CALLED, plans },
        server.pid,
      ),
    );
  }
  return rounds;
}

function row(
  operation: ScaleRow['operation'],
  keys: number,
  access: ScaleRow['access'],
  rounds: readonly Measured[],
): ScaleRow {
  const of = (read: (one: Measured) => number, digits = 0) => rounded(median(rounds.map(read)), digits);
  return {
    operation,
    keys,
    access,
    perSecond: of((one) => one.perSecond),
    p50Ms: of((one) => one.p50Ms, 3),
    p99Ms: of((one) => one.p99Ms, 3),
    serverCpuUs: of((one) => one.serverCpuUs, 1),
  };
}

/** Rows for ten keys and for very many. */
export async function scaleBench(quick: boolean): Promise<ScaleRow[]> {
  const load = openLoad();
  const rows: ScaleRow[] = [];
  try {
    for (const keys of [FEW, quick ? 100_000 : 1_000_000]) {
      const { server, keyIds, realIds } = await fill(keys);
      try {
        await measure(load, server, 'Encrypt', realIds);
        rows.push(row('Encrypt', keys, 'hot', await measure(load, server, 'Encrypt', realIds)));
        rows.push(row('DescribeKey', keys, 'hot', await measure(load, server, 'DescribeKey', realIds.slice(0, 1))));
        if (keys === FEW) continue;
        const cold = await measure(load, server, 'DescribeKey', spread(keyIds));
        // Only the first round finds nothing in the cache.
        rows.push(row('DescribeKey', keys, 'cold', cold.slice(0, 1)));
      } finally {
        await server.stop();
        await removeData(server);
      }
    }
    return rows;
  } finally {
    load.close();
  }
}

export function scaleTable(rows: readonly ScaleRow[]): string {
  return table(rows.map((one) => ({ ...one })));
}

if (import.meta.main) console.log(scaleTable(await scaleBench(process.argv.includes('--quick'))));
