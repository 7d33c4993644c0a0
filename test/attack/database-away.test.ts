/** The database goes away under the server and comes back. */
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startTestServer, type TestServer } from '../support/coffer.ts';
import { eventually } from '../support/eventually.ts';
import { type Call, popCall, refusalOf } from '../support/sdk.ts';

let server: TestServer;
let root: Call;
let database: URL;

beforeAll(async () => {
  vi.stubEnv('COFFER_TEST_STORAGE', 'postgres');
  server = await startTestServer();
  vi.spyOn(server.server.coffer.log, 'error').mockImplementation(() => {});
  root = popCall({ server });
  const { storage } = server.server.coffer.config;
  database = new URL(storage.kind === 'postgres' ? storage.url! : '');
});
afterAll(async () => {
  await server.close();
  vi.unstubAllEnvs();
});

/** Runs SQL beside the server's database. */
async function beside(...statements: string[]): Promise<void> {
  const client = new Client({ connectionString: new URL('/postgres', database).href });
  await client.connect();
  try {
    for (const sql of statements) await client.query(sql);
  } finally {
    await client.end();
  }
}

/** Renames the database; whoever comes back in between is thrown out again. */
async function rename(from: string, to: string): Promise<void> {
  const out = `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${from}'`;
  await eventually(() => beside(out, `alter database ${from} rename to ${to}`));
}

it('every product answers an error that clients try again, known callers or not, until the database is back', async () => {
  const name = database.pathname.slice(1);
  const { KeyId } = (await root('Kms', 'CreateKey')).KeyMetadata;
  await rename(name, `${name}_away`);
  try {
    for (const [product, action, code] of [
      ['Kms', 'CreateKey', 'ServiceUnavailableTemporary'],
      ['Kms', 'ListKeys', 'ServiceUnavailableTemporary'],
      ['Ram', 'ListUsers', 'ServiceUnavailable'],
    ] as const) {
      expect(await refusalOf(root(product, action))).toMatchObject({ code, status: 503 });
    }
    const stranger = popCall({ server, key: { accessKeyId: 'LTAIstranger', accessKeySecret: 'none' } });
    expect(await refusalOf(stranger('Kms', 'ListKeys'))).toMatchObject({ code: 'ServiceUnavailableTemporary' });
    expect((await fetch(`http://${server.http}/-/ready`)).status).toBe(503);
  } finally {
    await rename(`${name}_away`, name);
  }
  await eventually(() => root('Kms', 'Encrypt', { KeyId, Plaintext: 'x' }));
  await root('Kms', 'CreateKey');
  expect((await fetch(`http://${server.http}/-/ready`)).status).toBe(200);
});
