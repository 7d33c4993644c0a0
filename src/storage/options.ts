import type { ConnectionOptions } from 'node:tls';

/** Where the database is. */
export type Location =
  | {
      readonly kind: 'sqlite';
      /** Made when missing; used by one process at a time. */
      readonly directory: string;
    }
  | {
      readonly kind: 'postgres';
      /** `postgres://user:password@host:port/database`; never logged. */
      readonly url: string;
      /** TLS as `node:tls` takes it; absent: as the URL says. */
      readonly ssl?: boolean | ConnectionOptions;
      /** Connections at most, besides the one that follows other nodes' commits; default 10, at least 3. */
      readonly poolSize?: number;
    };

export type StorageOptions = Location & {
  /** The machine's clock. */
  readonly wall: () => Date;
  /** Names this node in the database's list of connections. */
  readonly nodeId: string;
  /** Longest wait for the turn to change state, then `StorageBusy`. */
  readonly transactionWaitMs: number;
  /** A transaction still open after this long is rolled back; default 30,000. */
  readonly transactionLimitMs?: number;
  /** Records and names kept in memory at most; default 100,000. */
  readonly recordCacheEntries?: number;
  /** Computed values kept in memory at most; default 20,000. */
  readonly memoCacheEntries?: number;
  /** False: a database of an earlier version is refused with `DatabaseOlder`, not brought up to date. Default true. */
  readonly upgrade?: boolean;
  /** Told of trouble that no call can be told of, such as missing contact with other nodes' commits. */
  readonly report?: (what: string, error: unknown) => void;
};
