import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { inject } from 'vitest';
import { postgresServer } from './postgres-server.ts';

/** A database made for one test. */
export interface TestDatabase {
  readonly url: string;
  /** Runs SQL in it, past the storage. */
  query(sql: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  drop(): Promise<void>;
}

async function once(url: string, sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql, values)).rows as Record<string, unknown>[];
  } finally {
    await client.end();
  }
}

/** Makes an empty database on the run's PostgreSQL server. */
export async function createDatabase(): Promise<TestDatabase> {
  const server = await postgresServer(inject('postgresDirectory'));
  const name = `t_${randomBytes(8).toString('hex')}`;
  await once(server, `create database ${name} template template0`);
  const url = server.replace(/\/postgres$/, `/${name}`);
  return {
    url,
    query: (sql, values) => once(url, sql, values),
    drop: async () => {
      await once(server, `drop database if exists ${name} with (force)`);
    },
  };
}
