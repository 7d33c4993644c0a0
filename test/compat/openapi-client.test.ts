import openapi from '@alicloud/openapi-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../support/coffer.ts';
import { type GenericOptions, genericCall, refusalOf, rootKey, sdkClient } from '../support/sdk.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const ALGORITHMS = ['ACS3-HMAC-SHA256', 'ACS3-HMAC-SM3', 'v2'] as const;
const WAYS: GenericOptions[] = ALGORITHMS.flatMap((signatureAlgorithm) => [
  { signatureAlgorithm, method: 'GET', place: 'query' },
  { signatureAlgorithm, method: 'POST', place: 'query' },
  { signatureAlgorithm, method: 'POST', place: 'body' },
]);
const AWKWARD = "Exa mple+/!'()*~&=%25#?;中文😀";

describe.each([false, true])('over TLS: %s', (secure) => {
  it.each(WAYS)('$signatureAlgorithm, $method, parameters in $place', async (way) => {
    const call = genericCall({ server, secure }, way);
    const { KeyMetadata } = await call('Kms', 'CreateKey', { Description: AWKWARD });
    expect(KeyMetadata.Description).toBe(AWKWARD);
    const EncryptionContext = JSON.stringify({ [AWKWARD]: AWKWARD });
    const { CiphertextBlob } = await call('Kms', 'Encrypt', {
      KeyId: KeyMetadata.KeyId,
      Plaintext: AWKWARD,
      EncryptionContext,
    });
    expect((await call('Kms', 'Decrypt', { CiphertextBlob, EncryptionContext })).Plaintext).toBe(AWKWARD);
    expect((await call('Sts', 'GetCallerIdentity')).AccountId).toBe(server.account);
    expect(await refusalOf(call('Kms', 'DescribeKey', { KeyId: 'key-none' }))).toMatchObject({
      code: 'Forbidden.KeyNotFound',
      data: { Code: 'Forbidden.KeyNotFound', Message: 'The specified Key is not found.' },
    });
  });

  it.each(ALGORITHMS)('refuses a wrong secret under %s', async (signatureAlgorithm) => {
    const key = { ...rootKey(server), accessKeySecret: 'not-the-secret-not-the-secret' };
    const call = genericCall({ server, key, secure }, { signatureAlgorithm });
    const refused = await refusalOf(call('Kms', 'ListKeys'));
    expect(refused.code).toBe('SignatureDoesNotMatch');
    expect(refused.data.Message).toMatch(
      /^Specified signature is not matched with our calculation\. server string to sign is:[^:]+$/,
    );
    expect(JSON.stringify(refused.data)).not.toContain(server.accessKeySecret);
  });
});

it('trusts no other certificate', async () => {
  const client = sdkClient(
    class extends openapi.default {
      constructor({ ca: _, ...config }: Record<string, unknown>) {
        super(new openapi.Config(config));
      }
    },
    { server, secure: true },
  );
  const params = new openapi.Params({
    action: 'ListKeys',
    version: '2016-01-20',
    protocol: 'HTTPS',
    pathname: '/',
    method: 'POST',
    authType: 'AK',
    style: 'RPC',
    reqBodyType: 'formData',
    bodyType: 'json',
  });
  const call = client.callApi(params, new openapi.OpenApiRequest({}), {} as Parameters<typeof client.callApi>[2]);
  await expect(call).rejects.toThrow(/certificate/);
});

it.each(['bearer', 'Anonymous'])('refuses a call of authentication type %s', async (kind) => {
  const client = new openapi.default(
    new openapi.Config({
      endpoint: server.http,
      protocol: 'HTTP',
      ...(kind === 'bearer' ? { bearerToken: 'a-bearer-token' } : rootKey(server)),
    }),
  );
  const params = new openapi.Params({
    action: 'ListKeys',
    version: '2016-01-20',
    protocol: 'HTTP',
    pathname: '/',
    method: 'POST',
    authType: kind === 'bearer' ? 'AK' : 'Anonymous',
    style: 'RPC',
    reqBodyType: 'formData',
    bodyType: 'json',
  });
  const call = client.callApi(params, new openapi.OpenApiRequest({}), {} as Parameters<typeof client.callApi>[2]);
  expect(await refusalOf(call)).toMatchObject({
    code: kind === 'bearer' ? 'InvalidSignatureMethod' : 'MissingAccessKeyId',
    status: 400,
  });
});
