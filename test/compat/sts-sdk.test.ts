import kms from '@alicloud/kms20160120';
import ram from '@alicloud/ram20150501';
import sts from '@alicloud/sts20150401';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPolicy, createRole, createUser, USE_KMS } from '../support/access.ts';
import { startTestServer, type TestServer } from '../support/coffer.ts';
import { acs3, send, v1 } from '../support/raw-request.ts';
import { genericCall, type Key, popCall, refusalOf, sdkClient } from '../support/sdk.ts';
import { errorCode } from '../support/well-formed.ts';

let server: TestServer;
let roleArn: string;
let user: Key;

beforeAll(async () => {
  server = await startTestServer();
  await createPolicy(server, 'use-kms', USE_KMS);
  roleArn = await createRole(server, 'KeyUser', { RAM: [`acs:ram::${server.account}:root`] }, 'use-kms');
  user = (await createUser(server, 'alice', { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' })).key;
});
afterAll(() => server.close());

async function assume(options: { policy?: string; durationSeconds?: number; roleSessionName?: string } = {}) {
  const client = sdkClient(sts.default, { server, key: user });
  return (await client.assumeRole(new sts.AssumeRoleRequest({ roleArn, roleSessionName: 'work', ...options }))).body!;
}

async function session(options: Parameters<typeof assume>[0] = {}): Promise<Key & { securityToken: string }> {
  const { accessKeyId, accessKeySecret, securityToken } = (await assume(options)).credentials!;
  return { accessKeyId: accessKeyId!, accessKeySecret: accessKeySecret!, securityToken: securityToken! };
}

describe('AssumeRole', () => {
  it('answers temporary credentials as the credential libraries read them', async () => {
    const { credentials, assumedRoleUser } = await assume();
    expect(credentials!.accessKeyId).toMatch(/^STS\.\w+$/);
    expect(credentials!.securityToken).toMatch(/^CAIS/);
    const left = Date.parse(credentials!.expiration!) - Date.now();
    expect(left).toBeGreaterThan(3590_000);
    expect(left).toBeLessThan(3610_000);
    expect(assumedRoleUser!.arn).toBe(`acs:ram::${server.account}:role/keyuser/work`);
    expect(assumedRoleUser!.assumedRoleId).toMatch(/^\d{18}:work$/);
  });

  it.each([
    ['root', async () => undefined, /NoPermission|InvalidParameter/],
    ['a user without the right', async () => (await createUser(server, 'bob')).key, /NoPermission/],
  ])('is refused to %s', async (_, who, code) => {
    const key = await who();
    const client = sdkClient(sts.default, key === undefined ? { server } : { server, key });
    const refused = await refusalOf(client.assumeRole(new sts.AssumeRoleRequest({ roleArn, roleSessionName: 'work' })));
    expect(refused.code).toMatch(code);
    expect(refused.status).toBe(403);
  });

  it.each([
    [{ durationSeconds: 899 }, 'InvalidParameter.DurationSeconds'],
    [{ durationSeconds: 3601 }, 'InvalidParameter.DurationSeconds'],
    [{ policy: '{' }, 'InvalidParameter.PolicyGrammar'],
    [{ roleSessionName: '!' }, 'InvalidParameter.RoleSessionName'],
  ])('is refused with %o', async (options, code) => {
    const refused = await refusalOf(assume(options));
    expect(refused.code).toMatch(new RegExp(`^${code}`));
    expect(refused.status).toBe(400);
  });
});

describe('a session', () => {
  it.each(['GET', 'POST'] as const)('works through pop-core with %s', async (method) => {
    const call = popCall({ server, key: await session() }, method);
    const { KeyMetadata } = await call('Kms', 'CreateKey');
    expect(KeyMetadata.Creator).toBeTruthy();
    expect((await refusalOf(call('Ram', 'ListUsers'))).code).toBe('NoPermission');
  });

  it.each(['ACS3-HMAC-SHA256', 'ACS3-HMAC-SM3', 'v2'] as const)(
    'works through the generic client with %s, with and without TLS',
    async (signatureAlgorithm) => {
      const key = await session();
      for (const secure of [false, true]) {
        const call = genericCall({ server, key, secure }, { signatureAlgorithm });
        expect(await call('Sts', 'GetCallerIdentity')).toMatchObject({
          IdentityType: 'AssumedRoleUser',
          AccountId: server.account,
          Arn: `acs:ram::${server.account}:assumed-role/keyuser/work`,
          PrincipalId: expect.stringMatching(/^\d{18}:work$/),
        });
      }
    },
  );

  it('works through the KMS and RAM SDKs', async () => {
    const key = await session();
    const { keyMetadata } = await sdkClient(kms.default, { server, key }).createKey(new kms.CreateKeyRequest({}));
    expect(keyMetadata.keyState).toBe('Enabled');
    const refused = await refusalOf(sdkClient(ram.default, { server, key }).listUsers(new ram.ListUsersRequest({})));
    expect(refused).toMatchObject({
      code: 'NoPermission',
      status: 403,
      data: {
        AccessDeniedDetail: {
          AuthAction: 'ram:ListUsers',
          AuthPrincipalType: 'AssumedRoleUser',
          AuthPrincipalDisplayName: 'KeyUser:work',
        },
      },
    });
  });

  it('is narrowed by a session policy', async () => {
    const policy = JSON.stringify({
      Version: '1',
      Statement: [{ Effect: 'Allow', Action: 'kms:List*', Resource: '*' }],
    });
    const call = popCall({ server, key: await session({ policy }) });
    expect((await call('Kms', 'ListKeys')).Keys).toBeDefined();
    const refused = await refusalOf(call('Kms', 'CreateKey'));
    expect(refused).toMatchObject({
      code: 'Forbidden.NoPermission',
      data: { AccessDeniedDetail: { PolicyType: 'SessionPolicy' } },
    });
  });
});

describe('a security token', () => {
  const codes = async (key: Key): Promise<string[]> => {
    const calls = [
      v1(key, 'Kms', 'ListKeys'),
      v1(key, 'Kms', 'ListKeys', {}, 'POST'),
      acs3(key, 'Kms', 'ListKeys', {}, { host: server.http }),
    ];
    const answers = await Promise.all(calls.map((call) => send(server.http, call)));
    return answers.map((answer) => (answer.status === 200 ? 'OK' : errorCode(answer)));
  };
  const all = (code: string): string[] => [code, code, code];

  it('must be there, be whole, be signed, and belong to the key', async () => {
    const key = await session();
    const other = await session();
    expect(await codes(key)).toEqual(all('OK'));
    const { securityToken, ...without } = key;
    expect(await codes(without)).toEqual(all('MissingSecurityToken'));
    expect(await codes({ ...key, securityToken: other.securityToken })).toEqual(
      all('InvalidSecurityToken.MismatchWithAccessKey'),
    );
    expect(await codes({ ...key, accessKeySecret: other.accessKeySecret })).toEqual(all('SignatureDoesNotMatch'));
    const damaged = `${securityToken.slice(0, -8)}AAAAAAAA`;
    expect(await codes({ ...key, securityToken: damaged })).toEqual(all('InvalidSecurityToken.Malformed'));
    const unsigned = acs3(key, 'Kms', 'ListKeys', {}, { host: server.http, unsigned: ['x-acs-security-token'] });
    expect(errorCode(await send(server.http, unsigned))).toBe('IncompleteSignature');
  });

  it('outlives a restart', async () => {
    const key = await session();
    await server.restart();
    expect(await codes(key)).toEqual(all('OK'));
  });

  it('stops with its role', async () => {
    const call = popCall({ server });
    const arn = await createRole(server, 'Passing', { RAM: [`acs:ram::${server.account}:root`] });
    const client = sdkClient(sts.default, { server, key: user });
    const request = new sts.AssumeRoleRequest({ roleArn: arn, roleSessionName: 'gone' });
    const { accessKeyId, accessKeySecret, securityToken } = (await client.assumeRole(request)).body!.credentials!;
    const key = { accessKeyId: accessKeyId!, accessKeySecret: accessKeySecret!, securityToken: securityToken! };
    expect((await codes(key))[0]).toBe('Forbidden.NoPermission');
    await call('Ram', 'DeleteRole', { RoleName: 'Passing' });
    const after = await codes(key);
    expect(new Set(after).size).toBe(1);
    expect(after[0]).toMatch(/^InvalidSecurityToken\.|^InvalidAccessKeyId\./);
  });

  it('stops at its time', async () => {
    const key = await session({ durationSeconds: 900 });
    const longer = await session({ durationSeconds: 3600 });
    expect(await codes(key)).toEqual(all('OK'));
    await popCall({ server })('Coffer', 'AdvanceClock', { Seconds: 901 });
    expect(await codes(key)).toEqual(all('InvalidSecurityToken.Expired'));
    expect(await codes(longer)).toEqual(all('OK'));
  });
});
