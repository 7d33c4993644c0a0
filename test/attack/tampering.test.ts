/** Somebody with the database file, but without the root key, moves sealed values about. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { HSMS, makeCluster, PASSWORD } from '../keystore/cluster-rig.ts';
import { openTestPipeline, type TestPipeline } from '../support/pipeline.ts';

type Body = Record<string, unknown> & { material?: Record<string, unknown> };

let pipeline: TestPipeline;
let storeId: string;
/** Ids of keys; the first two in the default store, the others in a private one. */
const keys: string[] = [];
const versions: string[] = [];
const blobs: string[] = [];

beforeAll(async () => {
  pipeline = await openTestPipeline(HSMS);
  const { call, root } = pipeline;
  const rig = await makeCluster(pipeline, root, { size: 1 });
  storeId = (
    await call(root, 'Kms', 'CreateKeyStore', {
      KeyStoreName: 'store',
      HsmClusterId: rig.clusterId,
      KeyStorePassword: PASSWORD,
      SecurityDomainCertificate: rig.owner.certificate,
    })
  ).KeyStoreId as string;
  expect(await connect()).toBe('Connected');
  for (const home of [{}, {}, { DKMSInstanceId: storeId }, { DKMSInstanceId: storeId }]) {
    const made = await call(root, 'Kms', 'CreateKey', home as Record<string, string>);
    const { KeyId } = made.KeyMetadata as { KeyId: string };
    const sealed = await call(root, 'Kms', 'Encrypt', { KeyId, Plaintext: 'CANARY' });
    keys.push(KeyId);
    versions.push(sealed.KeyVersionId as string);
    blobs.push(sealed.CiphertextBlob as string);
  }
});
afterAll(() => pipeline.close());

async function connect(): Promise<string> {
  const { call, root } = pipeline;
  await call(root, 'Kms', 'ConnectKeyStore', { KeyStoreId: storeId });
  return settled();
}

async function settled(): Promise<string> {
  const { call, root } = pipeline;
  return vi.waitUntil(
    async () => {
      const { KeyStore } = await call(root, 'Kms', 'DescribeKeyStore', { KeyStoreId: storeId });
      const state = (KeyStore as { ConnectionState: string }).ConnectionState;
      return state.endsWith('ing') ? undefined : state;
    },
    { timeout: 30_000, interval: 20 },
  );
}

/** Changes the database while the program is down; returns what brings it back as it was. */
async function tamper(change: (body: (kind: string, id: string, edit?: (body: Body) => Body) => Body) => void) {
  const before = new Map<string, { kind: string; id: string; body: string }>();
  const at = join(pipeline.directory, 'data', 'db', 'coffer.db');
  const write = (work: (database: DatabaseSync) => void): (() => Promise<void>) => {
    return async () => {
      await pipeline.coffer.close();
      const database = new DatabaseSync(at);
      work(database);
      database.close();
      await pipeline.reopen();
    };
  };
  const put = 'update record set body = ? where kind = ? and id = ?';
  await write((database) =>
    change((kind, id, edit) => {
      const row = database.prepare('select body from record where kind = ? and id = ?').get(kind, id);
      const body = row!.body as string;
      if (!before.has(`${kind}/${id}`)) before.set(`${kind}/${id}`, { kind, id, body });
      if (edit !== undefined) database.prepare(put).run(JSON.stringify(edit(JSON.parse(body) as Body)), kind, id);
      return JSON.parse(body) as Body;
    }),
  )();
  return write((database) => {
    for (const { kind, id, body } of before.values()) database.prepare(put).run(body, kind, id);
  });
}

/** What a call ends with, and whether the log tells of it; nothing secret may be in either. */
async function refused(operation: string, parameters: Record<string, string>): Promise<string> {
  const log = vi.spyOn(pipeline.coffer.pipeline.ports.log, 'error').mockImplementation(() => {});
  try {
    const code = await pipeline.codeOf(pipeline.root, 'Kms', operation, parameters);
    expect(log).toHaveBeenCalled();
    expect(JSON.stringify(log.mock.calls)).not.toContain('CANARY');
    return code;
  } finally {
    log.mockRestore();
  }
}

const encrypt = (at: number) => ['Encrypt', { KeyId: keys[at]!, Plaintext: 'CANARY' }] as const;
const decrypt = (at: number) => ['Decrypt', { CiphertextBlob: blobs[at]! }] as const;

describe('sealed values in other places', () => {
  it.each([
    ['of the default store', 0, 1],
    ['of a private key store', 2, 3],
    ['of both kinds of store', 0, 2],
  ])('the material of two keys %s, swapped', async (_, one, other) => {
    const restore = await tamper((body) => {
      const [first, second] = [body('kms.key-version', versions[one]!), body('kms.key-version', versions[other]!)];
      body('kms.key-version', versions[one]!, (version) => ({ ...version, material: second.material! }));
      body('kms.key-version', versions[other]!, (version) => ({ ...version, material: first.material! }));
    });
    for (const at of [one, other]) {
      expect(await refused(...encrypt(at))).toBe('InternalFailure');
      expect(await refused(...decrypt(at))).toBe('InternalFailure');
    }
    await restore();
    for (const at of [one, other]) expect(await pipeline.codeOf(pipeline.root, 'Kms', ...decrypt(at))).toBe('OK');
  });

  it.each([
    ['of the default store', 0, 1],
    ['of a private key store', 2, 3],
  ])("a key %s that names another key's version as its own", async (_, one, other) => {
    const restore = await tamper((body) => {
      body('kms.key', keys[one]!, (key) => ({ ...key, primaryVersionId: versions[other]! }));
    });
    expect(await refused(...encrypt(one))).toBe('InternalFailure');
    await restore();
  });

  it("a version given to another key, whose rights would then open the first one's messages", async () => {
    const restore = await tamper((body) => {
      body('kms.key-version', versions[0]!, (version) => ({ ...version, keyId: keys[1]! }));
    });
    expect(await refused(...decrypt(0))).toBe('InternalFailure');
    await restore();
  });

  it('a byte changed in each kind of sealed value', async () => {
    const spoil = (text: unknown): string => {
      const bytes = Buffer.from(text as string, 'base64');
      bytes[bytes.length >> 1]! ^= 1;
      return bytes.toString('base64');
    };
    const restore = await tamper((body) => {
      body('kms.key-version', versions[0]!, (version) => ({
        ...version,
        material: { ...version.material, sealed: spoil(version.material!.sealed) },
      }));
      body('kms.key-version', versions[2]!, (version) => ({
        ...version,
        material: { ...version.material, blob: spoil(version.material!.blob) },
      }));
    });
    for (const at of [0, 2]) expect(await refused(...decrypt(at))).toBe('InternalFailure');
    await restore();
  });

  it('a password of another store, or a spoilt one, connects nothing', async () => {
    const { call, root } = pipeline;
    await call(root, 'Kms', 'DisconnectKeyStore', { KeyStoreId: storeId });
    expect(await settled()).toBe('Disconnected');
    const restore = await tamper((body) => {
      const { material } = body('kms.key-version', versions[0]!);
      body('kms.key-store', storeId, (store) => ({ ...store, sealedPassword: material!.sealed }));
    });
    const log = vi.spyOn(pipeline.coffer.log, 'error').mockImplementation(() => {});
    await call(root, 'Kms', 'ConnectKeyStore', { KeyStoreId: storeId });
    // It may pass, as far as the store knows, so it is tried for a minute.
    pipeline.advance(61_000);
    expect(await settled()).toBe('Failed');
    log.mockRestore();
    await call(root, 'Kms', 'DisconnectKeyStore', { KeyStoreId: storeId });
    await settled();
    await restore();
  });

  it("an AccessKey's secret in the place of another's", async () => {
    const { call, root } = pipeline;
    const made = async (UserName: string): Promise<string> => {
      await call(root, 'Ram', 'CreateUser', { UserName });
      const { AccessKey } = await call(root, 'Ram', 'CreateAccessKey', { UserName });
      return (AccessKey as { AccessKeyId: string }).AccessKeyId;
    };
    const [mine, theirs] = [await made('mine'), await made('theirs')];
    const restore = await tamper((body) => {
      const { sealedSecret } = body('ram.access-key', mine);
      body('ram.access-key', theirs, (key) => ({ ...key, sealedSecret }));
    });
    await expect(pipeline.coffer.authenticate(theirs, undefined)).rejects.toThrow();
    expect((await pipeline.coffer.authenticate(mine, undefined)).secret).toBeDefined();
    await restore();
    expect((await pipeline.coffer.authenticate(theirs, undefined)).secret).toBeDefined();
  });
});
