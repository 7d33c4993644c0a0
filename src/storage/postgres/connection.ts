/** PostgreSQL connections: settings, running statements in one trip, and what its errors mean. */
import { Client, Pool, type PoolClient, type QueryResult, types } from 'pg';
import { StorageBusy } from '../../domain/storage.ts';
import { DatabaseDamaged, DatabaseUnreachable, StorageOverloaded } from '../errors.ts';
import type { StorageOptions } from '../options.ts';
import type { Statement } from '../statement.ts';

export type PostgresOptions = StorageOptions & { readonly kind: 'postgres' };

/** The longest any statement may run on the server; the client gives up a little later. */
const STATEMENT_MS = 15_000;
const CONNECT_MS = 5000;
const POOL_SIZE = 10;
const POOL_LEAST = 3;

const BIGINT = 20;
const LOCK_TIMEOUT = '55P03';
const STATEMENT_TIMEOUT = '57014';
/** The server takes no writes: it is a standby, perhaps after a failover. */
const READ_ONLY = '25006';
/** SQLSTATE classes of trouble with the server or the way to it, not with the statement. */
const UNREACHABLE: ReadonlySet<string> = new Set(['08', '28', '3D', '53', '57', '58']);

/** Host and database of the URL, without what is secret in it. */
export function whereOf(url: string): string {
  try {
    const { host, pathname, searchParams } = new URL(url);
    return `PostgreSQL ${searchParams.get('host') ?? (host || 'localhost')}${pathname}`;
  } catch {
    return 'PostgreSQL';
  }
}

/** The typed error for what PostgreSQL or the connection said. */
export function postgresError(where: string, error: unknown): Error {
  const { code, message } = error as { code?: unknown; message?: string };
  const state = typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
  if (state === LOCK_TIMEOUT) return new StorageBusy();
  if (state === STATEMENT_TIMEOUT) return new StorageOverloaded('PostgreSQL');
  if (state?.startsWith('XX00')) return new DatabaseDamaged(where, message ?? state, error);
  if (state === undefined || state === READ_ONLY || UNREACHABLE.has(state.slice(0, 2)))
    return new DatabaseUnreachable(where, message || String(code ?? 'no connection'), error);
  return error as Error;
}

function settings(options: PostgresOptions) {
  const { ssl } = options;
  return {
    connectionString: options.url,
    ...(ssl === undefined ? {} : { ssl }),
    application_name: `coffer ${options.nodeId}`.slice(0, 63),
    keepAlive: true,
    types: {
      // Nothing kept exceeds what a number holds exactly.
      getTypeParser: ((oid: number, format: never) =>
        oid === BIGINT ? Number : types.getTypeParser(oid, format)) as typeof types.getTypeParser,
    },
  };
}

/** The pool for calls. Statements of one trip are sent without waiting for each other. */
export function openPool(options: PostgresOptions): Pool {
  const limitMs = Math.max(STATEMENT_MS, options.transactionWaitMs + 1000);
  const pool = new Pool({
    ...settings(options),
    max: Math.max(POOL_LEAST, options.poolSize ?? POOL_SIZE),
    pipeline: true,
    connectionTimeoutMillis: CONNECT_MS,
    statement_timeout: limitMs,
    query_timeout: limitMs + 2000,
    // A node that stops in the middle of a transaction must not stop the others for long.
    idle_in_transaction_session_timeout: limitMs,
  });
  // A lost connection shows in the statement that uses it; without a listener it would end the process.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

/** A connection of its own that gives up within `limitMs`. */
export function openClient(options: PostgresOptions, limitMs: number): Client {
  const client = new Client({
    ...settings(options),
    connectionTimeoutMillis: limitMs,
    statement_timeout: limitMs,
    query_timeout: limitMs,
  });
  client.on('error', () => {});
  return client;
}

/** Runs the statements in order, in one trip; throws the first failure when all have ended. */
export async function runAll(client: PoolClient, statements: readonly Statement[]): Promise<QueryResult[]> {
  const ended = await Promise.allSettled(
    statements.map(({ sql, parameters }) => client.query({ text: sql, values: parameters as unknown[] })),
  );
  return ended.map((end) => {
    if (end.status === 'rejected') throw end.reason;
    return end.value;
  });
}
