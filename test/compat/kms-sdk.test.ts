import kms from '@alicloud/kms20160120';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../support/coffer.ts';
import { refusalOf, sdkClient } from '../support/sdk.ts';

let server: TestServer;
let client: InstanceType<typeof kms.default>;
beforeAll(async () => {
  server = await startTestServer();
  client = sdkClient(kms.default, { server });
});
afterAll(() => server.close());

async function newKey(options: ConstructorParameters<typeof kms.CreateKeyRequest>[0] = {}) {
  return (await client.createKey(new kms.CreateKeyRequest(options))).keyMetadata;
}

const describeKey = async (keyId: string) =>
  (await client.describeKey(new kms.DescribeKeyRequest({ keyId }))).keyMetadata;

describe('keys', () => {
  it('are created and described with every member the SDK knows', async () => {
    const created = await newKey({ description: 'a key', keyUsage: 'ENCRYPT/DECRYPT', origin: 'Aliyun_KMS' });
    const found = await describeKey(created.keyId);
    expect(found).toMatchObject({
      arn: `acs:kms:cn-hangzhou:${server.account}:key/${created.keyId}`,
      creator: server.account,
      description: 'a key',
      keyState: 'Enabled',
      keyUsage: 'ENCRYPT/DECRYPT',
      keySpec: 'Aliyun_AES_256',
      origin: 'Aliyun_KMS',
      protectionLevel: 'SOFTWARE',
      automaticRotation: 'Disabled',
      deleteDate: '',
      materialExpireTime: '',
    });
    expect(found.creationDate).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(found.primaryKeyVersion).toBeTruthy();
  });

  it('are listed in pages', async () => {
    for (let made = 0; made < 3; made += 1) await newKey();
    const first = await client.listKeys(new kms.ListKeysRequest({ pageNumber: 1, pageSize: 2 }));
    const second = await client.listKeys(new kms.ListKeysRequest({ pageNumber: 2, pageSize: 2 }));
    expect(first.totalCount).toBeGreaterThanOrEqual(3);
    expect(first.keys.key).toHaveLength(2);
    const ids = [...first.keys.key, ...second.keys.key].map(({ keyId }) => keyId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(first.keys.key[0]!.keyArn).toBe(`acs:kms:cn-hangzhou:${server.account}:key/${ids[0]}`);
    const beyond = await client.listKeys(new kms.ListKeysRequest({ pageNumber: 99, pageSize: 2 }));
    expect(beyond.keys.key).toEqual([]);
  });

  it('go through their states', async () => {
    const { keyId } = await newKey();
    const encrypt = () => client.encrypt(new kms.EncryptRequest({ keyId, plaintext: 'x' }));
    await client.disableKey(new kms.DisableKeyRequest({ keyId }));
    expect((await describeKey(keyId)).keyState).toBe('Disabled');
    expect((await refusalOf(encrypt())).data).toMatchObject({ Code: 'Rejected.Disabled', HttpStatus: 409 });
    await client.enableKey(new kms.EnableKeyRequest({ keyId }));
    await encrypt();
    await client.scheduleKeyDeletion(new kms.ScheduleKeyDeletionRequest({ keyId, pendingWindowInDays: 7 }));
    const pending = await describeKey(keyId);
    expect([pending.keyState, pending.deleteDate]).toEqual(['PendingDeletion', expect.stringMatching(/Z$/)]);
    expect((await refusalOf(encrypt())).data.Code).toBe('Rejected.PendingDeletion');
    await client.cancelKeyDeletion(new kms.CancelKeyDeletionRequest({ keyId }));
    await client.updateKeyDescription(new kms.UpdateKeyDescriptionRequest({ keyId, description: 'new words' }));
    expect(await describeKey(keyId)).toMatchObject({ keyState: 'Enabled', description: 'new words' });
    await encrypt();
  });

  it('have versions', async () => {
    const { keyId, primaryKeyVersion } = await newKey();
    const before = await client.encrypt(new kms.EncryptRequest({ keyId, plaintext: 'old' }));
    expect(before.keyVersionId).toBe(primaryKeyVersion);
    const { keyVersions, totalCount } = await client.listKeyVersions(new kms.ListKeyVersionsRequest({ keyId }));
    expect([totalCount, keyVersions.keyVersion.map(({ keyVersionId }) => keyVersionId)]).toEqual([
      1,
      [primaryKeyVersion],
    ]);
    const { keyVersion } = await client.describeKeyVersion(
      new kms.DescribeKeyVersionRequest({ keyId, keyVersionId: primaryKeyVersion }),
    );
    expect(keyVersion).toMatchObject({ keyId, keyVersionId: primaryKeyVersion });
  });

  it('carry tags', async () => {
    const { keyId } = await newKey();
    const tags = '[{"TagKey":"env","TagValue":"prod"},{"TagKey":"team","TagValue":""}]';
    await client.tagResource(new kms.TagResourceRequest({ keyId, tags }));
    await client.untagResource(new kms.UntagResourceRequest({ keyId, tagKeys: '["team"]' }));
    const listed = await client.listResourceTags(new kms.ListResourceTagsRequest({ keyId }));
    expect(listed.tags.tag).toMatchObject([{ keyId, tagKey: 'env', tagValue: 'prod' }]);
  });
});

describe('aliases', () => {
  it('name keys in place of their ids, and so do ARNs', async () => {
    const { keyId, arn } = await newKey();
    const other = await newKey();
    const aliasName = 'alias/compat';
    await client.createAlias(new kms.CreateAliasRequest({ keyId, aliasName }));
    const aliasArn = `acs:kms:cn-hangzhou:${server.account}:${aliasName}`;
    for (const name of [keyId, arn, aliasName, aliasArn]) {
      const { ciphertextBlob } = await client.encrypt(
        new kms.EncryptRequest({ keyId: name, plaintext: 'by any name' }),
      );
      const opened = await client.decrypt(new kms.DecryptRequest({ ciphertextBlob }));
      expect([opened.plaintext, opened.keyId]).toEqual(['by any name', keyId]);
    }
    const listed = await client.listAliases(new kms.ListAliasesRequest({}));
    expect(listed.aliases.alias).toMatchObject([{ keyId, aliasName, aliasArn }]);
    await client.updateAlias(new kms.UpdateAliasRequest({ keyId: other.keyId, aliasName }));
    const own = await client.listAliasesByKeyId(new kms.ListAliasesByKeyIdRequest({ keyId }));
    expect([own.totalCount, own.aliases.alias]).toEqual([0, []]);
    expect((await describeKey(aliasName)).keyId).toBe(other.keyId);
    await client.deleteAlias(new kms.DeleteAliasRequest({ aliasName }));
    expect((await refusalOf(describeKey(aliasName))).data).toMatchObject({
      Code: 'Forbidden.AliasNotFound',
      HttpStatus: 404,
    });
  });
});

describe('cryptography', () => {
  it.each(['plain text', 'SGVsbG8=', "中文 *~!'()+/=", 'x'])('gives %s back as it was', async (plaintext) => {
    const { keyId } = await newKey();
    const encryptionContext = '{"Example":"Exa mple+/!\'()*~中"}';
    const sealed = await client.encrypt(new kms.EncryptRequest({ keyId, plaintext, encryptionContext }));
    expect([sealed.keyId, sealed.requestId]).toEqual([keyId, expect.any(String)]);
    const opened = await client.decrypt(
      new kms.DecryptRequest({ ciphertextBlob: sealed.ciphertextBlob, encryptionContext }),
    );
    expect(opened).toMatchObject({ plaintext, keyId, keyVersionId: sealed.keyVersionId });
    const wrong = client.decrypt(
      new kms.DecryptRequest({ ciphertextBlob: sealed.ciphertextBlob, encryptionContext: '{"Example":"other"}' }),
    );
    expect((await refusalOf(wrong)).data.HttpStatus).toBe(400);
  });

  it('makes data keys that open again', async () => {
    const { keyId } = await newKey();
    const encryptionContext = '{"a":"b"}';
    const made = await client.generateDataKey(
      new kms.GenerateDataKeyRequest({ keyId, numberOfBytes: 32, encryptionContext }),
    );
    expect(Buffer.from(made.plaintext, 'base64')).toHaveLength(32);
    const opened = await client.decrypt(
      new kms.DecryptRequest({ ciphertextBlob: made.ciphertextBlob, encryptionContext }),
    );
    expect(opened.plaintext).toBe(made.plaintext);
    const small = await client.generateDataKey(new kms.GenerateDataKeyRequest({ keyId, keySpec: 'AES_128' }));
    expect(Buffer.from(small.plaintext, 'base64')).toHaveLength(16);
    const hidden = await client.generateDataKeyWithoutPlaintext(
      new kms.GenerateDataKeyWithoutPlaintextRequest({ keyId, encryptionContext }),
    );
    const shown = await client.decrypt(
      new kms.DecryptRequest({ ciphertextBlob: hidden.ciphertextBlob, encryptionContext }),
    );
    expect(Buffer.from(shown.plaintext, 'base64')).toHaveLength(32);
  });

  it('refuses a damaged ciphertext', async () => {
    const { keyId } = await newKey();
    const { ciphertextBlob } = await client.encrypt(new kms.EncryptRequest({ keyId, plaintext: 'x' }));
    const bytes = Buffer.from(ciphertextBlob, 'base64');
    bytes[bytes.length - 1]! ^= 1;
    for (const damaged of [bytes.toString('base64'), 'no base64!', '', 'AAAA', ciphertextBlob.slice(0, -8)]) {
      const { data } = await refusalOf(client.decrypt(new kms.DecryptRequest({ ciphertextBlob: damaged })));
      expect(data.HttpStatus).toBeLessThan(500);
    }
  });
});

it('answers what belongs to no key', async () => {
  const { regions } = await client.describeRegions(new kms.DescribeRegionsRequest({}));
  expect(regions.region).toMatchObject([{ regionId: 'cn-hangzhou' }]);
});

it('shows refusals as errors with the body', async () => {
  const refused = await refusalOf(describeKey('key-none'));
  expect(refused).toMatchObject({
    code: 'Forbidden.KeyNotFoundError',
    data: { Code: 'Forbidden.KeyNotFound', Message: 'The specified Key is not found.', HttpStatus: 404 },
  });
  const wrong = sdkClient(kms.default, { server, key: { accessKeyId: server.accessKeyId, accessKeySecret: 'wrong' } });
  expect((await refusalOf(wrong.describeRegions(new kms.DescribeRegionsRequest({})))).data.Code).toBe(
    'SignatureDoesNotMatch',
  );
});
