import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ProductName } from '../../src/domain/products.ts';
import { attach, createPolicy, createRole, createUser, detach, type TestUser } from '../support/access.ts';
import { alike } from '../support/alike.ts';
import { startTestServer, type TestServer } from '../support/coffer.ts';
import { type Call, genericCall, popCall, type Refusal, refusalOf } from '../support/sdk.ts';

let server: TestServer;
let root: Call;
let nobody: TestUser;
/** Names of what exists. */
const there: Record<string, string> = {};

beforeAll(async () => {
  server = await startTestServer();
  root = popCall({ server });
  nobody = await createUser(server, 'nobody');
  const RegionId = 'cn-hangzhou';
  const newKey = async (): Promise<string> => (await root('Kms', 'CreateKey')).KeyMetadata.KeyId;
  there.key = await newKey();
  there.disabled = await newKey();
  await root('Kms', 'DisableKey', { KeyId: there.disabled });
  there.pending = await newKey();
  await root('Kms', 'ScheduleKeyDeletion', { KeyId: there.pending, PendingWindowInDays: 7 });
  there.alias = 'alias/there';
  await root('Kms', 'CreateAlias', { AliasName: there.alias, KeyId: there.key });
  await root('Kms', 'TagResource', { KeyId: there.key, Tags: '[{"TagKey":"secret","TagValue":"tag"}]' });
  there.sealed = (await root('Kms', 'Encrypt', { KeyId: there.key, Plaintext: 'x' })).CiphertextBlob;
  there.user = 'present';
  await createUser(server, there.user, { Effect: 'Allow', Action: 'kms:*', Resource: '*' });
  there.role = 'Present';
  await createRole(server, there.role, { RAM: [`acs:ram::${server.account}:root`] });
  there.group = 'present';
  await root('Ram', 'CreateGroup', { GroupName: there.group });
  there.vpc = (await root('Vpc', 'CreateVpc', { RegionId, CidrBlock: '10.0.0.0/16' })).VpcId;
  const securityGroup = await root('Ecs', 'CreateSecurityGroup', { RegionId, VpcId: there.vpc });
  there.securityGroup = securityGroup.SecurityGroupId;
});
afterAll(() => server.close());

const as = (user: TestUser): Call => popCall({ server, key: user.key });

/** The refusal's body without its request's own marks, with the thing's name taken out. */
function nameless(refusal: Refusal, name: string): string {
  const { RequestId: _, ...rest } = refusal.data;
  return alike(rest).replaceAll(name, '<name>').replaceAll(name.toLowerCase(), '<name>');
}

const STORE_ROLE = 'AliyunServiceRoleForKMSKeyStore';
const REGION = { RegionId: 'cn-hangzhou' };
const SYSTEM_POLICY = { PolicyType: 'System', PolicyName: 'AliyunKMSReadOnlyAccess' };
const cases: [ProductName, string, string, string, (name: string) => Record<string, unknown>][] = [
  ...[
    'DescribeKey',
    'Encrypt',
    'GenerateDataKey',
    'EnableKey',
    'DisableKey',
    'CancelKeyDeletion',
    'ListKeyVersions',
    'ListResourceTags',
    'GetKeyPolicy',
  ].flatMap((action) =>
    ['key', 'disabled', 'pending'].map((kind): (typeof cases)[number] => [
      'Kms',
      action,
      kind,
      'key-hzz000000000000000000',
      (name) => ({ KeyId: name, Plaintext: 'x', PolicyName: 'default' }),
    ]),
  ),
  ['Kms', 'ScheduleKeyDeletion', 'key', 'key-none', (name) => ({ KeyId: name, PendingWindowInDays: 7 })],
  ['Kms', 'DescribeKey', 'alias', 'alias/none', (name) => ({ KeyId: name })],
  ['Kms', 'Encrypt', 'alias', 'alias/none', (name) => ({ KeyId: name, Plaintext: 'x' })],
  ['Kms', 'DeleteAlias', 'alias', 'alias/none', (name) => ({ AliasName: name })],
  ['Kms', 'UpdateAlias', 'alias', 'alias/none', (name) => ({ AliasName: name, KeyId: 'key-none' })],
  ['Kms', 'CreateAlias', 'alias', 'alias/none', (name) => ({ AliasName: name, KeyId: 'key-none' })],
  ['Kms', 'CreateAlias', 'key', 'key-none', (name) => ({ AliasName: 'alias/new', KeyId: name })],
  ['Kms', 'DescribeKeyStore', 'key', 'kst-none', (name) => ({ KeyStoreId: name })],
  ['Ram', 'GetUser', 'user', 'absent', (name) => ({ UserName: name })],
  ['Ram', 'DeleteUser', 'user', 'absent', (name) => ({ UserName: name })],
  ['Ram', 'CreateUser', 'user', 'absent', (name) => ({ UserName: name })],
  ['Ram', 'CreateAccessKey', 'user', 'absent', (name) => ({ UserName: name })],
  ['Ram', 'ListPoliciesForUser', 'user', 'absent', (name) => ({ UserName: name })],
  ['Ram', 'GetRole', 'role', 'Absent', (name) => ({ RoleName: name })],
  ['Ram', 'DeleteRole', 'role', 'Absent', (name) => ({ RoleName: name })],
  ['Ram', 'GetGroup', 'group', 'absent', (name) => ({ GroupName: name })],
  ['Ram', 'GetPolicy', 'user', 'absent', (name) => ({ PolicyName: name, PolicyType: 'Custom' })],
  ['Ram', 'DeletePolicy', 'user', 'absent', (name) => ({ PolicyName: name })],
  ['Ram', 'UpdateRole', 'role', 'Absent', (name) => ({ RoleName: name })],
  ['Ram', 'AttachPolicyToRole', 'role', 'Absent', (name) => ({ RoleName: name, ...SYSTEM_POLICY })],
  ['Ram', 'DetachPolicyFromRole', 'role', 'Absent', (name) => ({ RoleName: name, ...SYSTEM_POLICY })],
  ['ResourceManager', 'DeleteServiceLinkedRole', 'role', 'Absent', (name) => ({ RoleName: name })],
  ['Ram', 'DeleteServiceLinkedRole', 'role', 'Absent', (name) => ({ RoleName: name })],
  [
    'Sts',
    'AssumeRole',
    'role',
    'Absent',
    (name) => ({ RoleArn: `acs:ram::${server.account}:role/${name}`, RoleSessionName: 'me' }),
  ],
  ['Vpc', 'DescribeVpcAttribute', 'vpc', 'vpc-none', (name) => ({ ...REGION, VpcId: name })],
  ['Vpc', 'DeleteVpc', 'vpc', 'vpc-none', (name) => ({ ...REGION, VpcId: name })],
  [
    'Ecs',
    'DescribeSecurityGroupAttribute',
    'securityGroup',
    'sg-none',
    (name) => ({ ...REGION, SecurityGroupId: name }),
  ],
  ['Ecs', 'DeleteSecurityGroup', 'securityGroup', 'sg-none', (name) => ({ ...REGION, SecurityGroupId: name })],
];

describe('who may not ask learns nothing', () => {
  it.each(cases)('%s %s: %s and %s look alike', async (product, action, kind, absent, parameters) => {
    const present = there[kind]!;
    const existing = await refusalOf(as(nobody)(product, action, parameters(present)));
    const missing = await refusalOf(as(nobody)(product, action, parameters(absent)));
    expect(existing.code).toMatch(/^(Forbidden\.NoPermission|NoPermission|Forbidden\.RAM)$/);
    expect(existing.status).toBe(403);
    expect(nameless(existing, present)).toBe(nameless(missing, absent));
    if (kind === 'alias') expect(nameless(existing, present)).not.toContain(there.key);
  });

  it.each(['Ram', 'ResourceManager'] as const)(
    '%s DeleteServiceLinkedRole: the role of key stores looks alike before it is made and after',
    async (product) => {
      const refused = () => refusalOf(as(nobody)(product, 'DeleteServiceLinkedRole', { RoleName: STORE_ROLE }));
      const missing = await refused();
      await root(product, 'CreateServiceLinkedRole', { ServiceName: 'keystore.kms.aliyuncs.com' });
      const existing = await refused();
      const { DeletionTaskId } = await root(product, 'DeleteServiceLinkedRole', { RoleName: STORE_ROLE });
      await vi.waitUntil(
        async () => {
          const task = await root(product, 'GetServiceLinkedRoleDeletionStatus', { DeletionTaskId });
          return task.Status === 'SUCCEEDED';
        },
        { timeout: 30_000 },
      );
      expect(nameless(existing, STORE_ROLE)).toBe(nameless(missing, STORE_ROLE));
      expect(JSON.stringify(missing.data)).toContain('keystore.kms.aliyuncs.com');
    },
  );

  it('a ciphertext shows no more of its key than it carries', async () => {
    const refused = await refusalOf(as(nobody)('Kms', 'Decrypt', { CiphertextBlob: there.sealed }));
    expect([refused.code, refused.status]).toEqual(['Forbidden.NoPermission', 403]);
    expect(JSON.stringify(refused.data)).not.toContain('disabled');
  });
});

describe('AccessDeniedDetail', () => {
  it('says who, what, why and what is missing', async () => {
    const { UserId } = (await root('Ram', 'GetUser', { UserName: 'nobody' })).User;
    const { data } = await refusalOf(as(nobody)('Kms', 'DescribeKey', { KeyId: there.key }));
    expect(data.AccessDeniedDetail).toMatchObject({
      AuthAction: 'kms:DescribeKey',
      AuthPrincipalType: 'SubUser',
      AuthPrincipalOwnerId: server.account,
      AuthPrincipalDisplayName: UserId,
      NoPermissionType: 'ImplicitDeny',
      PolicyType: 'AccountLevelIdentityBasedPolicy',
    });
    expect(JSON.parse(data.AccessDeniedDetail.MissingStatement)).toMatchObject({
      Effect: 'Allow',
      Action: 'kms:DescribeKey',
      Resource: `acs:kms:cn-hangzhou:${server.account}:key/${there.key}`,
    });
    expect(data.Message).not.toMatch(/NotFound/);
  });

  it('names an explicit refusal', async () => {
    const user = await createUser(server, 'denied', [
      { Effect: 'Allow', Action: 'kms:*', Resource: '*' },
      { Effect: 'Deny', Action: 'kms:Disable*', Resource: '*' },
    ]);
    const { data } = await refusalOf(as(user)('Kms', 'DisableKey', { KeyId: there.key }));
    expect(data.AccessDeniedDetail).toMatchObject({ AuthAction: 'kms:DisableKey', NoPermissionType: 'ExplicitDeny' });
    expect((await root('Kms', 'DescribeKey', { KeyId: there.key })).KeyMetadata.KeyState).toBe('Enabled');
  });

  it.each<[ProductName, string, () => Record<string, unknown>]>([
    ['Kms', 'CreateKey', () => ({})],
    ['Kms', 'ListKeys', () => ({})],
    ['Kms', 'Encrypt', () => ({ KeyId: there.alias, Plaintext: 'x' })],
    ['Kms', 'CreateAlias', () => ({ KeyId: there.key, AliasName: 'alias/second' })],
    ['Kms', 'ReEncrypt', () => ({ CiphertextBlob: there.sealed, DestinationKeyId: there.key })],
    [
      'Ram',
      'AttachPolicyToUser',
      () => ({ PolicyType: 'System', PolicyName: 'AliyunKMSReadOnlyAccess', UserName: 'present' }),
    ],
    ['Ram', 'UpdateRole', () => ({ RoleName: there.role, NewDescription: 'new' })],
    ['Ram', 'AttachPolicyToRole', () => ({ RoleName: there.role, ...SYSTEM_POLICY })],
    ['ResourceManager', 'CreateServiceLinkedRole', () => ({ ServiceName: 'keystore.kms.aliyuncs.com' })],
    ['Sts', 'AssumeRole', () => ({ RoleArn: `acs:ram::${server.account}:role/present`, RoleSessionName: 'me' })],
    ['Ecs', 'CreateSecurityGroup', () => ({ ...REGION, VpcId: there.vpc })],
  ])('its missing statements, attached word for word, let %s %s through', async (product, action, parameters) => {
    const user = await createUser(server, `missing-${action}`);
    for (let round = 0; ; round += 1) {
      const outcome = await as(user)(product, action, parameters()).then(
        () => undefined,
        (error) => error,
      );
      if (outcome === undefined) {
        expect(round).toBeGreaterThan(0);
        return;
      }
      expect(round, JSON.stringify(outcome.data)).toBeLessThan(4);
      const statement = JSON.parse(outcome.data.AccessDeniedDetail.MissingStatement);
      await createPolicy(server, `missing-${action}-${round}`, statement);
      await attach(server, user.name, `missing-${action}-${round}`);
    }
  });
});

describe('a change of rights counts at once', () => {
  it('attach and detach, to users and groups', async () => {
    const user = await createUser(server, 'changing');
    const call = as(user);
    await createPolicy(server, 'list-keys', { Effect: 'Allow', Action: 'kms:ListKeys', Resource: '*' });
    const refused = async (): Promise<string> => (await refusalOf(call('Kms', 'ListKeys'))).code;
    for (let round = 0; round < 3; round += 1) {
      expect(await refused()).toBe('Forbidden.NoPermission');
      await attach(server, user.name, 'list-keys');
      await call('Kms', 'ListKeys');
      await detach(server, user.name, 'list-keys');
    }
    expect(await refused()).toBe('Forbidden.NoPermission');
    await root('Ram', 'CreateGroup', { GroupName: 'listers' });
    await root('Ram', 'AttachPolicyToGroup', { PolicyType: 'Custom', PolicyName: 'list-keys', GroupName: 'listers' });
    await root('Ram', 'AddUserToGroup', { UserName: user.name, GroupName: 'listers' });
    await call('Kms', 'ListKeys');
    await root('Ram', 'RemoveUserFromGroup', { UserName: user.name, GroupName: 'listers' });
    expect(await refused()).toBe('Forbidden.NoPermission');
  });

  it('another default version of a policy', async () => {
    const user = await createUser(server, 'versions', { Effect: 'Allow', Action: 'kms:ListKeys', Resource: '*' });
    await as(user)('Kms', 'ListKeys');
    const PolicyDocument = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"kms:ListAliases","Resource":"*"}]}';
    await root('Ram', 'CreatePolicyVersion', { PolicyName: 'versions', PolicyDocument, SetAsDefault: true });
    expect((await refusalOf(as(user)('Kms', 'ListKeys'))).code).toBe('Forbidden.NoPermission');
    await as(user)('Kms', 'ListAliases');
  });
});

describe('conditions about the request', () => {
  const allow = (Condition: object) => ({ Effect: 'Allow', Action: 'kms:ListKeys', Resource: '*', Condition });
  const outcome = async (user: TestUser, secure: boolean): Promise<string> =>
    genericCall({ server, key: user.key, secure })('Kms', 'ListKeys').then(
      () => 'OK',
      (error) => error.code,
    );

  it.each([
    ['own-address', { IpAddress: { 'acs:SourceIp': ['127.0.0.1/32'] } }, 'OK', 'OK'],
    [
      'other-address',
      { IpAddress: { 'acs:SourceIp': ['203.0.113.0/24'] } },
      'Forbidden.NoPermission',
      'Forbidden.NoPermission',
    ],
    ['tls-only', { Bool: { 'acs:SecureTransport': 'true' } }, 'Forbidden.NoPermission', 'OK'],
    ['plain-only', { Bool: { 'acs:SecureTransport': 'false' } }, 'OK', 'Forbidden.NoPermission'],
  ])('%s', async (name, condition, plain, secure) => {
    const user = await createUser(server, name, allow(condition));
    expect([await outcome(user, false), await outcome(user, true)]).toEqual([plain, secure]);
  });

  it('a claimed address or transport in the parameters or headers counts for nothing', async () => {
    const user = await createUser(server, 'claims', allow({ IpAddress: { 'acs:SourceIp': '203.0.113.9' } }));
    const parameters = { SourceIp: '203.0.113.9', SecureTransport: 'true', 'acs:SourceIp': '203.0.113.9' };
    expect((await refusalOf(as(user)('Kms', 'ListKeys', parameters))).code).toBe('Forbidden.NoPermission');
  });
});
