import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../support/coffer.ts';
import { type Answer, popCall, refusalOf } from '../support/sdk.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

/** Everything that a signature over decoded parameters must survive. */
const AWKWARD = 'Exa mple+/!\'()*~&=%25#?;中文😀\u00e9\n\t"{}';

describe.each(['GET', 'POST'] as const)('pop-core with %s', (method) => {
  const call: ReturnType<typeof popCall> = (...args) => popCall({ server }, method)(...args);

  it('encrypts and decrypts any text, under a context with every awkward character', async () => {
    const { KeyMetadata } = await call('Kms', 'CreateKey', { Description: AWKWARD });
    expect(KeyMetadata.Description).toBe(AWKWARD);
    const EncryptionContext = JSON.stringify({ [AWKWARD]: AWKWARD });
    const sealed = await call('Kms', 'Encrypt', { KeyId: KeyMetadata.KeyId, Plaintext: AWKWARD, EncryptionContext });
    const opened = await call('Kms', 'Decrypt', { CiphertextBlob: sealed.CiphertextBlob, EncryptionContext });
    expect(opened.Plaintext).toBe(AWKWARD);
    const refused = await refusalOf(call('Kms', 'Decrypt', { CiphertextBlob: sealed.CiphertextBlob }));
    expect(refused).toMatchObject({ status: 400 });
  });

  it('flattens lists and objects', async () => {
    const { KeyMetadata } = await call('Kms', 'CreateKey');
    await call('Kms', 'TagResources', {
      RegionId: 'cn-hangzhou',
      ResourceType: 'key',
      ResourceId: [KeyMetadata.KeyId],
      Tag: [
        { Key: 'env', Value: 'prod' },
        { Key: 'team', Value: '' },
      ],
    });
    const { TagResources } = await call('Kms', 'ListTagResources', {
      RegionId: 'cn-hangzhou',
      ResourceType: 'key',
      ResourceId: [KeyMetadata.KeyId],
    });
    const tags = TagResources.TagResource.map(({ TagKey, TagValue }: Answer) => [TagKey, TagValue]);
    expect(tags.sort()).toEqual([
      ['env', 'prod'],
      ['team', ''],
    ]);
  });

  it('upper-cases first letters of operation and parameters by itself', async () => {
    const { KeyMetadata } = await call('Kms', 'createKey', { description: 'small letters' });
    expect(KeyMetadata.Description).toBe('small letters');
  });

  it('sends parameters of no meaning, which are ignored', async () => {
    const answer = await call('Kms', 'ListKeys', { RegionId: 'eu-central-1', SignatureType: '', Whatever: 'x' });
    expect(answer.TotalCount).toBeTypeOf('number');
  });

  it('sees errors as errors', async () => {
    expect(await refusalOf(call('Kms', 'DescribeKey', { KeyId: 'key-none' }))).toMatchObject({
      code: 'Forbidden.KeyNotFound',
      status: 404,
      data: { Code: 'Forbidden.KeyNotFound', Message: 'The specified Key is not found.' },
    });
    expect(await refusalOf(call('Kms', 'Encrypt', { Plaintext: 'x' }))).toMatchObject({ status: 400 });
    expect(await refusalOf(call('Ram', 'GetUser', { UserName: 'nobody' }))).toMatchObject({
      code: 'EntityNotExist.User',
      status: 404,
    });
  });

  it('reads the wrappers of empty lists', async () => {
    const { KeyMetadata } = await call('Kms', 'CreateKey');
    const answer = await call('Kms', 'ListAliasesByKeyId', { KeyId: KeyMetadata.KeyId });
    expect(answer.Aliases).toEqual({ Alias: [] });
    const users = await call('Ram', 'ListUsers');
    expect(users).toMatchObject({ IsTruncated: false, Users: { User: [] } });
  });

  it('carries 6 KB of plaintext', async () => {
    const { KeyMetadata } = await call('Kms', 'CreateKey');
    const Plaintext = '中+/=*'.repeat(750);
    const { CiphertextBlob } = await call('Kms', 'Encrypt', { KeyId: KeyMetadata.KeyId, Plaintext });
    expect((await call('Kms', 'Decrypt', { CiphertextBlob })).Plaintext).toBe(Plaintext);
  });
});

it('talks to every product on the one port', async () => {
  const call = popCall({ server });
  const { KeyMetadata } = await call('Kms', 'CreateKey');
  expect(KeyMetadata.Creator).toBe(server.account);
  expect((await call('Sts', 'GetCallerIdentity')).AccountId).toBe(server.account);
  expect((await call('Ram', 'ListUsers')).Users).toBeDefined();
  expect((await call('Vpc', 'DescribeVpcs', { RegionId: 'cn-hangzhou' })).Vpcs).toBeDefined();
  expect((await call('Ecs', 'DescribeSecurityGroups', { RegionId: 'cn-hangzhou' })).SecurityGroups).toBeDefined();
  expect((await call('ActionTrail', 'LookupEvents')).Events).toBeInstanceOf(Array);
});
