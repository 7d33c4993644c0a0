import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, expect, it } from 'vitest';
import { inspectStorage } from '../../src/storage/inspect.ts';
import { SCHEMA_VERSION } from '../../src/storage/migrate.ts';
import { openStorage } from '../../src/storage/open.ts';
import type { StorageOptions } from '../../src/storage/options.ts';
import { createDatabase } from '../support/postgres.ts';
import { describeStorages } from '../support/storage.ts';
import { event, HERE, THING } from './fixtures.ts';

const BASE = { wall: () => new Date(), nodeId: 'test', transactionWaitMs: 5000 };

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

function sqlite(): StorageOptions & { kind: 'sqlite' } {
  const directory = mkdtempSync(join(tmpdir(), 'coffer-opening-'));
  cleanUps.push(() => rmSync(directory, { recursive: true, force: true }));
  return { ...BASE, kind: 'sqlite', directory };
}

async function filled(options: StorageOptions): Promise<void> {
  const storage = await openStorage(options);
  await storage.transaction(async (tx) => {
    for (let n = 0; n < 200; n++) await tx.insert(THING, HERE, { id: `t${n}`, state: 'x'.repeat(500) });
    await tx.audit(event());
    await tx.enqueue({ type: 't', place: HERE, payload: {} });
  });
  await storage.close();
}

/** Runs SQL past the storage. */
async function alter(options: StorageOptions, sql: string): Promise<void> {
  if (options.kind === 'sqlite') {
    const db = new DatabaseSync(join(options.directory, 'coffer.db'));
    db.exec(sql);
    db.close();
    return;
  }
  const { Client } = await import('pg');
  const client = new Client({ connectionString: options.url });
  await client.connect();
  await client.query(sql);
  await client.end();
}

describeStorages('opening', (open) => {
  it('refuses a database of a later version and changes nothing in it', async () => {
    const { storage, options } = await open();
    await storage.close();
    await alter(options, `insert into migration values (${SCHEMA_VERSION + 1}, 'later', 'x', 0)`);
    await expect(openStorage(options)).rejects.toMatchObject({
      name: 'DatabaseNewer',
      message: expect.stringContaining('start the newer Coffer'),
    });
    await alter(options, `delete from migration where number = ${SCHEMA_VERSION + 1}`);
    await (await openStorage(options)).close();
  });

  it('leaves a database of an earlier version as it is when it may only look', async () => {
    const { storage, options } = await open();
    await storage.close();
    await alter(options, 'delete from migration');
    const look = { ...options, upgrade: false };
    await expect(openStorage(look)).rejects.toMatchObject({
      name: 'DatabaseOlder',
      message: expect.stringContaining(`version 0, this program's is ${SCHEMA_VERSION}`),
    });
    // Nothing was written: the same answer again.
    await expect(openStorage(look)).rejects.toMatchObject({ name: 'DatabaseOlder' });
  });

  it('refuses a database whose schema step was another', async () => {
    const { storage, options } = await open();
    await storage.close();
    await alter(options, "update migration set checksum = 'x'");
    await expect(openStorage(options)).rejects.toMatchObject({ name: 'DatabaseDamaged' });
  });

  it('is inspected while in use', async () => {
    const { storage, options } = await open();
    await storage.transaction(async (tx) => {
      await tx.insert(THING, HERE, { id: 'a', tags: ['x', 'y'] });
      await tx.insert({ ...THING, kind: 'test.second' }, HERE, { id: 'a' });
      await tx.insert(THING, { ...HERE, region: '' }, { id: 'b' });
      await tx.enqueue({ type: 't', place: HERE, payload: {} });
    });
    await storage.journal({ event: event() });
    const found = await inspectStorage(options);
    expect(found).toMatchObject({
      schema: SCHEMA_VERSION,
      known: SCHEMA_VERSION,
      integrity: 'ok',
      records: { 'test.thing': 2, 'test.second': 1 },
      events: 1,
      unfinishedTasks: 1,
    });
    expect(found.sizeBytes).toBeGreaterThan(1000);
    await storage.close();
    expect(await inspectStorage(options)).toMatchObject({ integrity: 'ok', records: { 'test.thing': 2 } });
  });

  it('answers pings until it is closed', async () => {
    const { storage } = await open();
    await storage.ping();
    await storage.close();
    await expect(storage.ping()).rejects.toMatchObject({ name: 'DatabaseUnreachable' });
    await storage.close();
  });
});

it('refuses a directory that is in use, in this process and in another', async () => {
  const options = sqlite();
  const storage = await openStorage(options);
  const locked = { name: 'DatabaseLocked', message: expect.stringContaining('stop that one first') };
  await expect(openStorage(options)).rejects.toMatchObject(locked);
  const script = `
    import { openStorage } from ${JSON.stringify(join(import.meta.dirname, '../../src/storage/open.ts'))};
    const options = { kind: 'sqlite', directory: process.argv[1], wall: () => new Date(), nodeId: 'x', transactionWaitMs: 1 };
    const said = await openStorage(options).then(() => 'opened', (error) => error.name);
    console.log(said);
    process.exit();`;
  const elsewhere = () =>
    new Promise<string>((resolve, reject) => {
      const args = ['--input-type=module', '-e', script, options.directory];
      execFile(process.execPath, args, (error, stdout) => (error ? reject(error) : resolve(stdout.trim())));
    });
  expect(await elsewhere()).toBe('DatabaseLocked');
  // The refused attempts have not loosened the lock.
  await expect(openStorage(options)).rejects.toMatchObject(locked);
  await storage.transaction((tx) => tx.insert(THING, HERE, { id: 'a' }));
  await storage.close();
  expect(await elsewhere()).toBe('opened');
  const again = await openStorage(options);
  expect(await again.reader.get(THING, HERE, 'a')).toBeDefined();
  await again.close();
});

it('keeps its files from other users', async () => {
  const options = sqlite();
  const inner = { ...options, directory: join(options.directory, 'made', 'here') };
  const storage = await openStorage(inner);
  await storage.transaction((tx) => tx.insert(THING, HERE, { id: 'a' }));
  expect(statSync(inner.directory).mode & 0o777).toBe(0o700);
  for (const name of ['coffer.db', 'coffer.db-wal', 'coffer.lock'])
    expect(statSync(join(inner.directory, name)).mode & 0o777, name).toBe(0o600);
  await storage.close();
});

it.each([
  [
    'no database at all',
    (file: string) => writeFileSync(file, 'this is no database, whatever its name says'.repeat(50)),
  ],
  ['cut short', (file: string) => truncateSync(file, 20_480)],
  [
    'overwritten in the middle',
    (file: string) => {
      const bytes = readFileSync(file);
      bytes.fill(0xa5, 8192, 8192 + 20_000);
      writeFileSync(file, bytes);
    },
  ],
])('refuses a file that is %s, and leaves it as it was', async (_, damage) => {
  const options = sqlite();
  await filled(options);
  const file = join(options.directory, 'coffer.db');
  damage(file);
  const before = readFileSync(file);
  await expect(openStorage(options)).rejects.toMatchObject({
    name: 'DatabaseDamaged',
    message: expect.stringContaining('restore the latest backup'),
  });
  expect(readFileSync(file).equals(before)).toBe(true);
  const inspected = await inspectStorage(options).catch((error: Error) => error);
  expect(inspected instanceof Error ? inspected.name : inspected.integrity).not.toBe('ok');
});

it('refuses an SQLite file of another program', async () => {
  const options = sqlite();
  await alter(options, 'create table theirs (a)');
  await expect(openStorage(options)).rejects.toMatchObject({ name: 'DatabaseDamaged' });
});

it('says what is wrong with a directory it cannot use', async () => {
  const options = sqlite();
  const file = join(options.directory, 'file');
  writeFileSync(file, '');
  await expect(openStorage({ ...options, directory: file })).rejects.toMatchObject({ name: 'DatabaseUnreachable' });
  await expect(inspectStorage({ ...options, directory: join(file, 'x') })).rejects.toMatchObject({
    name: 'DatabaseUnreachable',
  });
});

it('says that no PostgreSQL answers, without the password', async () => {
  const url = 'postgres://coffer:hunter2@127.0.0.1:9/coffer';
  const failed = await openStorage({ ...BASE, kind: 'postgres', url }).catch((error: Error) => error);
  expect(failed).toMatchObject({ name: 'DatabaseUnreachable' });
  expect(String(failed)).toContain('127.0.0.1:9/coffer');
  expect(String(failed)).not.toContain('hunter2');
});

it('lets several nodes start at once on an empty PostgreSQL database', async () => {
  const database = await createDatabase();
  cleanUps.push(() => database.drop());
  const options: StorageOptions = { ...BASE, kind: 'postgres', url: database.url };
  const nodes = await Promise.all(Array.from({ length: 4 }, () => openStorage(options)));
  await Promise.all(nodes.map((node, at) => node.transaction((tx) => tx.insert(THING, HERE, { id: `${at}` }))));
  expect(await nodes[0]!.reader.count(THING, HERE)).toBe(4);
  await Promise.all(nodes.map((node) => node.close()));
});
