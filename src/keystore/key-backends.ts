import type { KeyBackend, KeyBackends } from '../domain/kms/backend.ts';
import { KEY_STORES, type KeyStoreRecord } from '../domain/kms/key-store.ts';
import type { Place, Reader } from '../domain/storage.ts';
import { Blobs, createStoreBackend } from './backends/pkcs11/store-backend.ts';
import { POOL_LIMITS, type PoolLimits, StorePool } from './backends/pkcs11/store-pool.ts';
import type { MemberPorts } from './open-member.ts';
import type { Timers } from './timers.ts';

export interface KeyBackendsOptions extends MemberPorts {
  /** The default store. */
  readonly software: KeyBackend;
  readonly reader: Reader;
  readonly timers: Timers;
  /** Members that must hold a new key before it is usable, where the cluster has as many. Default 2. */
  readonly quorum?: number;
  readonly limits?: Partial<PoolLimits>;
}

interface Opened {
  readonly place: Place;
  readonly pool: StorePool;
  readonly backend: KeyBackend;
}

const DEFAULT_QUORUM = 2;
const KEPT_BLOBS = 10_000;
/** How often pools are compared with their stores' records, which another node may have changed. */
const SWEEP_MS = 2_000;

/** All backends of this node. Pools to private key stores open at first use and close when their store's epoch ends. */
export function createKeyBackends(options: KeyBackendsOptions): KeyBackends {
  const { software, reader, timers, quorum = DEFAULT_QUORUM } = options;
  const limits = { ...POOL_LIMITS, ...options.limits };
  const blobs = new Blobs(options.sealer, KEPT_BLOBS);
  const pools = new Map<string, Opened>();
  const keyOf = (place: Place, id: string): string => `${place.account}/${place.region}/${id}`;
  let sweeping = false;

  const drop = (key: string): void => {
    pools.get(key)?.pool.close();
    pools.delete(key);
  };

  const sweep = (): void => {
    if (sweeping || pools.size === 0) return;
    sweeping = true;
    timers.after(SWEEP_MS, () => {
      const looks = [...pools].map(async ([key, { place, pool }]) => {
        const now = await reader.get(KEY_STORES, place, pool.store.keyStoreId);
        const gone = now === undefined || now.epoch !== pool.epoch || now.connection !== 'Connected';
        if (gone && pools.get(key)?.pool === pool) drop(key);
      });
      // A look that fails is repeated at the next sweep.
      void Promise.allSettled(looks).then(() => {
        sweeping = false;
        sweep();
      });
    });
  };

  const opened = (place: Place, store: KeyStoreRecord): Opened => {
    const key = keyOf(place, store.keyStoreId);
    const known = pools.get(key);
    // A record read a moment ago may be older than the pool.
    if (known !== undefined && known.pool.epoch >= store.epoch) return known;
    if (known !== undefined) drop(key);
    const pool = new StorePool(options, timers, limits, place, store);
    const fresh = { place, pool, backend: createStoreBackend(pool, blobs, quorum) };
    pools.set(key, fresh);
    sweep();
    return fresh;
  };

  return {
    software,
    store: (place, store) => opened(place, store).backend,
    close: async (place, keyStoreId) => drop(keyOf(place, keyStoreId)),
    health: async (place, store) => {
      const { pool } = opened(place, store);
      const ready = await pool.gather(limits.lookMs);
      const alive = await Promise.all(ready.map((member) => pool.pulse(member)));
      return { total: pool.members.length, available: alive.filter(Boolean).length };
    },
  };
}
