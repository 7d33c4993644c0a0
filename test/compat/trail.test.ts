import { afterAll, beforeAll, expect, it } from 'vitest';
import { createPolicy, createRole, createUser, type TestUser, USE_KMS } from '../support/access.ts';
import { startTestServer, type TestServer } from '../support/coffer.ts';
import { type Answer, type Call, genericCall, type Key, popCall, refusalOf } from '../support/sdk.ts';
import { allEvents } from '../support/trail.ts';

const CANARY = 'canary-77aa-plaintext';
const CONTEXT = 'canary-77aa-context';

let server: TestServer;
let root: Call;
let alice: TestUser;
let session: Key;
let keyId: string;
let events: Answer[];
const secrets = new Set<string>([CANARY, CONTEXT, Buffer.from(CANARY).toString('base64')]);

beforeAll(async () => {
  server = await startTestServer();
  root = genericCall({ server });
  secrets.add(server.accessKeySecret);
  alice = await createUser(server, 'alice', [
    { Effect: 'Allow', Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:GenerateDataKey'], Resource: '*' },
    { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' },
  ]);
  secrets.add(alice.key.accessKeySecret);
  keyId = (await root('Kms', 'CreateKey', { Description: 'watched' })).KeyMetadata.KeyId;
  const call = popCall({ server, key: alice.key });
  const EncryptionContext = JSON.stringify({ purpose: CONTEXT });
  const { CiphertextBlob } = await call('Kms', 'Encrypt', { KeyId: keyId, Plaintext: CANARY, EncryptionContext });
  await call('Kms', 'Decrypt', { CiphertextBlob, EncryptionContext });
  const dataKey = await call('Kms', 'GenerateDataKey', { KeyId: keyId });
  await refusalOf(call('Kms', 'DisableKey', { KeyId: keyId }));
  await refusalOf(call('Kms', 'Encrypt', { KeyId: 'key-none', Plaintext: CANARY }));
  await createPolicy(server, 'use-kms', USE_KMS);
  const RoleArn = await createRole(server, 'Operator', { RAM: [`acs:ram::${server.account}:root`] }, 'use-kms');
  const { Credentials } = await call('Sts', 'AssumeRole', { RoleArn, RoleSessionName: 'shift' });
  session = {
    accessKeyId: Credentials.AccessKeyId,
    accessKeySecret: Credentials.AccessKeySecret,
    securityToken: Credentials.SecurityToken,
  };
  for (const signatureAlgorithm of ['ACS3-HMAC-SHA256', 'v2'] as const) {
    await genericCall({ server, key: session, secure: true }, { signatureAlgorithm })('Kms', 'DisableKey', {
      KeyId: keyId,
    });
  }
  for (const secret of [CiphertextBlob, dataKey.Plaintext, dataKey.CiphertextBlob]) secrets.add(secret);
  for (const secret of [session.accessKeySecret, session.securityToken!]) secrets.add(secret);
  await refusalOf(genericCall({ server, key: { ...alice.key, accessKeySecret: 'wrong' } })('Kms', 'ListKeys'));
  events = await allEvents(root);
});
afterAll(() => server.close());

const named = (name: string, identity: string): Answer[] =>
  events.filter(({ eventName, userIdentity }: Answer) => eventName === name && userIdentity.type === identity);

it('tells the story in order', () => {
  const story = events.map(({ eventName, userIdentity, errorCode }: Answer) =>
    [eventName, userIdentity.userName, ...(errorCode ? [errorCode] : [])].join(' '),
  );
  const wanted = [
    'CreateUser root',
    'CreateAccessKey root',
    'CreatePolicy root',
    'AttachPolicyToUser root',
    'CreateKey root',
    'Encrypt alice',
    'Decrypt alice',
    'GenerateDataKey alice',
    'DisableKey alice Forbidden.NoPermission',
    'Encrypt alice Forbidden.NoPermission',
    'CreatePolicy root',
    'CreateRole root',
    'AttachPolicyToRole root',
    'AssumeRole alice',
  ].map((entry) => (entry === 'Encrypt alice Forbidden.NoPermission' ? 'Encrypt alice Forbidden.KeyNotFound' : entry));
  expect(story.filter((entry) => !/^(LookupEvents|AccountCreated)|:shift$/.test(entry))).toEqual(wanted);
});

it('knows every identity: root, user, session', () => {
  const { account } = server;
  expect(named('CreateKey', 'root-account')).toMatchObject([
    { userIdentity: { principalId: account, accountId: account, userName: 'root', accessKeyId: server.accessKeyId } },
  ]);
  expect(named('Decrypt', 'ram-user')).toMatchObject([
    { userIdentity: { accountId: account, userName: 'alice', accessKeyId: alice.key.accessKeyId } },
  ]);
  const [assumed] = named('AssumeRole', 'ram-user');
  const byRole = named('DisableKey', 'assumed-role');
  expect(byRole).toHaveLength(2);
  for (const event of byRole) {
    expect(event.userIdentity).toMatchObject({
      accountId: account,
      userName: expect.stringMatching(/^operator:shift$/i),
      accessKeyId: session.accessKeyId,
      principalId: assumed.responseElements.AssumedRoleUser.AssumedRoleId,
    });
    expect(event.requestParameters).toMatchObject({ stsTokenPrincipalName: expect.stringMatching(/operator\/shift/i) });
    expect(event.requestParameters.stsTokenPlayerUid).toBe(account);
  }
  expect(assumed.responseElements.Credentials.AccessKeyId).toBe(session.accessKeyId);
});

it('has every member that auditors rely on', () => {
  for (const event of events) {
    expect(event).toMatchObject({
      eventId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      eventVersion: '1',
      eventCategory: 'Management',
      eventTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      eventSource: expect.stringMatching(/\.aliyuncs\.com$/),
      requestId: expect.any(String),
      recipientAccountId: server.account,
    });
  }
  expect(new Set(events.map(({ eventId }: Answer) => eventId)).size).toBe(events.length);
  expect(named('Encrypt', 'ram-user')[0]).toMatchObject({
    eventType: 'ApiCall',
    serviceName: 'Kms',
    apiVersion: '2016-01-20',
    acsRegion: 'cn-hangzhou',
    isGlobal: false,
    sourceIpAddress: '127.0.0.1',
    referencedResources: { 'ACS::KMS::Key': [keyId] },
    resourceType: 'ACS::KMS::Key',
    resourceName: keyId,
  });
  const [encrypt] = named('Encrypt', 'ram-user');
  const host = 'kms.cn-hangzhou.aliyuncs.com';
  expect(encrypt.requestParameters).toEqual({
    KeyId: expect.any(String),
    RegionId: 'cn-hangzhou',
    AcsHost: host,
    HostId: host,
    AcsProduct: 'Kms',
    ServiceCode: 'kms',
    RequestId: encrypt.requestId,
  });
  expect(named('CreateUser', 'root-account')[0]).toMatchObject({
    eventRW: 'Write',
    isGlobal: true,
    serviceName: 'Ram',
  });
  expect(named('DisableKey', 'ram-user')[0].errorMessage).toMatch(/\S/);
});

it('shows no secret, and no one who could not sign', () => {
  const text = JSON.stringify(events);
  for (const secret of secrets) expect(text).not.toContain(secret);
  expect(text).not.toContain('SignatureDoesNotMatch');
});

it('filters exactly, by one key or an allowed pair', async () => {
  const one = await allEvents(root, { EventName: 'Decrypt' });
  expect(one.map(({ eventName }) => eventName)).toEqual(['Decrypt']);
  const pair = await allEvents(root, { ServiceName: 'Kms', User: 'alice' });
  expect(pair.length).toBe(
    events.filter(({ serviceName, userIdentity }: Answer) => serviceName === 'Kms' && userIdentity.userName === 'alice')
      .length,
  );
  expect(await allEvents(root, { EventName: 'decrypt' })).toEqual([]);
  expect(await allEvents(root, { ResourceName: keyId, EventName: 'CreateKey' })).toHaveLength(1);
  const illegal = await refusalOf(allEvents(root, { EventRW: 'Write', User: 'alice' }));
  expect(illegal.status).toBe(400);
});

it('pages without loss, in both directions', async () => {
  const page = async (Direction: string): Promise<string[]> => {
    const ids: string[] = [];
    let token: Record<string, string> = {};
    for (;;) {
      const filter = { 'LookupAttribute.1.Key': 'ServiceName', 'LookupAttribute.1.Value': 'Ram' };
      const answer = await root('ActionTrail', 'LookupEvents', { Direction, MaxResults: '3', ...filter, ...token });
      ids.push(...answer.Events.map(({ eventId }: Answer) => eventId));
      if (answer.NextToken === undefined) return ids;
      token = { NextToken: answer.NextToken };
    }
  };
  const forward = await page('FORWARD');
  expect(forward).toEqual((await page('BACKWARD')).reverse());
  expect(forward.length).toBeGreaterThan(6);
});

it('is for those who may read it', async () => {
  const refused = await refusalOf(popCall({ server, key: alice.key })('ActionTrail', 'LookupEvents'));
  expect(refused).toMatchObject({
    code: 'NoPermission',
    data: { AccessDeniedDetail: { AuthAction: 'actiontrail:LookupEvents' } },
  });
});
