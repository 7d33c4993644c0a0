/** Decision examples 75 to 97, and the life of sessions. */
import { expect, it } from 'vitest';
import { createSessionTokens } from '../../src/access/session-tokens.ts';
import { Secret } from '../../src/core/secret.ts';
import { ROLES } from '../../src/domain/ram/role.ts';
import type { Caller } from '../../src/operation/context.ts';
import { createSealer } from '../../src/seal/sealer.ts';
import { alike } from '../support/alike.ts';
import { PROBES } from './probes.ts';
import { ACCOUNT, allow, document, type Identities, openIdentities, type Seen, trust } from './support.ts';

const A = ACCOUNT;
const B = '2000000000000002';
const ASSUME = allow('sts:AssumeRole');
const ROLE_ARN = `acs:ram::${A}:role/deployer`;
const SLR_ARN = `acs:ram::${A}:role/aliyunserviceroleforkmskeystore`;
const KEY_STORE = 'keystore.kms.aliyuncs.com';

const rootOf = (account: string): Caller => ({
  principal: { kind: 'root', account },
  accessKeyId: undefined,
  identity: { type: 'root-account', principalId: account, accountId: account },
});

/** A user `bob` of account B with these permissions. */
async function bobOfB({ call, callerOf }: Identities, ...statements: object[]): Promise<Caller> {
  const root = rootOf(B);
  await call(root, 'Ram', 'CreateUser', { UserName: 'bob' });
  await call(root, 'Ram', 'CreatePolicy', { PolicyName: 'of-bob', PolicyDocument: document(...statements) });
  const attached = { PolicyType: 'Custom', PolicyName: 'of-bob', UserName: 'bob' };
  await call(root, 'Ram', 'AttachPolicyToUser', attached);
  return callerOf((await call(root, 'Ram', 'CreateAccessKey', { UserName: 'bob' })).AccessKey);
}

const deployer = ({ call, root }: Identities, AssumeRolePolicyDocument: string) =>
  call(root, 'Ram', 'CreateRole', { RoleName: 'Deployer', AssumeRolePolicyDocument });

const session = { RoleArn: ROLE_ARN, RoleSessionName: 'work' };

/** Assumes the role and gives the session's caller, as a request of it would authenticate. */
async function assumed(ids: Identities, caller: Caller, more: Record<string, string> = {}): Promise<Caller> {
  const { Credentials } = await ids.call(caller, 'Sts', 'AssumeRole', { ...session, ...more });
  return ids.callerOf(Credentials, Credentials.SecurityToken);
}

const refusedBy = (PolicyType: string, NoPermissionType = 'ImplicitDeny') => ({
  code: 'NoPermission',
  detail: { PolicyType, NoPermissionType },
});
const ID = 'AccountLevelIdentityBasedPolicy';
const TRUST = 'AssumeRolePolicy';
const trustRoot = { RAM: `acs:ram::${A}:root` };
const ok = { code: 'OK' };

interface Row {
  readonly no: string;
  readonly statements: object[];
  readonly trust: string;
  readonly values?: Record<string, string>;
  readonly expected: object;
}

const rows: readonly Row[] = [
  { no: '82', statements: [ASSUME], trust: trust(trustRoot), expected: ok },
  { no: '83', statements: [], trust: trust(trustRoot), expected: refusedBy(ID) },
  { no: '84', statements: [ASSUME], trust: trust({ RAM: `acs:ram::${B}:user/bob` }), expected: refusedBy(TRUST) },
  {
    no: '88',
    statements: [ASSUME],
    trust: document(
      { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: trustRoot },
      { Effect: 'Deny', Action: 'sts:AssumeRole', Principal: { RAM: `acs:ram::${A}:user/alice` } },
    ),
    expected: refusedBy(TRUST, 'ExplicitDeny'),
  },
  {
    no: '89',
    statements: [ASSUME],
    trust: trust(trustRoot, { StringEquals: { 'sts:ExternalId': 'abc' } }),
    values: { ExternalId: 'abd' },
    expected: refusedBy(TRUST),
  },
  {
    no: '89 right',
    statements: [ASSUME],
    trust: trust(trustRoot, { StringEquals: { 'sts:ExternalId': 'abc' } }),
    values: { ExternalId: 'abc' },
    expected: ok,
  },
  {
    no: '90',
    statements: [ASSUME],
    trust: trust(trustRoot, { StringEquals: { 'sts:ExternalId': 'abc' } }),
    expected: refusedBy(TRUST),
  },
  { no: '91', statements: [ASSUME], trust: trust({ Service: 'ecs.aliyuncs.com' }), expected: refusedBy(TRUST) },
  {
    no: 'any spelling',
    statements: [ASSUME],
    trust: trust(trustRoot),
    values: { RoleArn: `acs:ram::${A}:role/DePloyer` },
    expected: ok,
  },
  {
    no: 'missing role',
    statements: [ASSUME],
    trust: trust(trustRoot),
    values: { RoleArn: `acs:ram::${A}:role/none` },
    expected: { code: 'EntityNotExist.Role', status: 404 },
  },
  {
    no: 'missing role, no right',
    statements: [],
    trust: trust(trustRoot),
    values: { RoleArn: `acs:ram::${A}:role/none` },
    expected: refusedBy(ID),
  },
  {
    no: 'no ARN',
    statements: [ASSUME],
    trust: trust(trustRoot),
    values: { RoleArn: 'deployer' },
    expected: { code: 'InvalidParameter.RoleArn', status: 400 },
  },
  {
    no: 'one character',
    statements: [ASSUME],
    trust: trust(trustRoot),
    values: { RoleSessionName: 'x' },
    expected: { code: 'InvalidParameter.RoleSessionName', status: 400 },
  },
  {
    no: 'no name',
    statements: [ASSUME],
    trust: trust(trustRoot),
    values: { RoleSessionName: 'a b' },
    expected: { code: 'InvalidParameter.RoleSessionName', status: 400 },
  },
  {
    no: 'too short',
    statements: [ASSUME],
    trust: trust(trustRoot),
    values: { DurationSeconds: '899' },
    expected: {
      code: 'InvalidParameter.DurationSeconds',
      message: 'The Min/Max value of DurationSeconds is 15min/1hr.',
    },
  },
  {
    no: 'too long',
    statements: [ASSUME],
    trust: trust(trustRoot),
    values: { DurationSeconds: '3601' },
    expected: { code: 'InvalidParameter.DurationSeconds' },
  },
  {
    no: 'bad policy',
    statements: [ASSUME],
    trust: trust(trustRoot),
    values: { Policy: '{}' },
    expected: { code: 'InvalidParameter.PolicyGrammar' },
  },
  {
    no: 'long policy',
    statements: [ASSUME],
    trust: trust(trustRoot),
    values: { Policy: ' '.repeat(2049) },
    expected: { code: 'InvalidParameter.PolicySize' },
  },
];

it.each(rows)(
  'alice assumes Deployer, $no',
  async ({ statements, trust: AssumeRolePolicyDocument, values, expected }) => {
    const ids = await openIdentities();
    const alice = await ids.user('alice', ...statements);
    await deployer(ids, AssumeRolePolicyDocument);
    const outcome = await ids.call(alice, 'Sts', 'AssumeRole', { ...session, ...values }).then(
      () => ok,
      (fault: object) => fault,
    );
    expect(outcome).toMatchObject(expected);
  },
);

it('85 and 86: from another account, when both sides allow it on the role', async () => {
  const ids = await openIdentities();
  await deployer(ids, trust({ RAM: `acs:ram::${B}:root` }));
  const bob = await bobOfB(ids, ASSUME);
  const inA = await assumed(ids, bob);
  expect(inA.principal).toMatchObject({ kind: 'session', account: A, roleName: 'Deployer', playerUid: B });
  const other = await openIdentities();
  await deployer(other, trust({ RAM: `acs:ram::${B}:root` }));
  const narrow = await bobOfB(other, allow('sts:AssumeRole', `acs:ram:*:${B}:role/*`));
  expect(await other.refusal(narrow, 'Sts', 'AssumeRole', session)).toMatchObject(refusedBy(ID));
});

it('tells nobody which roles another account has', async () => {
  const ids = await openIdentities();
  await deployer(ids, trust(trustRoot));
  const bob = await bobOfB(ids, ASSUME);
  const told = async (name: string) => {
    const RoleArn = `acs:ram::${A}:role/${name}`;
    const { code, status, message, detail } = await ids.refusal(bob, 'Sts', 'AssumeRole', { ...session, RoleArn });
    return alike({ code, status, message, detail }).replaceAll(name, 'X');
  };
  expect(await told('deployer')).toBe(await told('none'));
});

it('87: root users assume nothing', async () => {
  const ids = await openIdentities();
  await deployer(ids, trust(trustRoot));
  for (const RoleArn of [ROLE_ARN, `acs:ram::${A}:role/none`]) {
    const fault = await ids.refusal(ids.root, 'Sts', 'AssumeRole', { ...session, RoleArn });
    expect(fault).toMatchObject({ code: 'NoPermission', status: 403 });
    expect(fault.message).toContain('Roles may not be assumed by root accounts.');
  }
});

it('92, 93, 96, 97: services assume what trusts them, in the owner’s account only', async () => {
  const ids = await openIdentities();
  await deployer(ids, trust({ Service: 'ecs.aliyuncs.com' }));
  await ids.call(ids.root, 'Ram', 'CreateServiceLinkedRole', { ServiceName: KEY_STORE });
  const assume = (service: string, account: string, arn: string) =>
    ids.services.assume(service, account, arn, 'svc').then(
      () => 'OK',
      (fault: Seen) => `${fault.code} ${fault.detail?.PolicyType}`,
    );
  expect(await assume('ecs.aliyuncs.com', A, ROLE_ARN)).toBe('OK');
  expect(await assume('ecs.aliyuncs.com', B, ROLE_ARN)).toBe('NoPermission AssumeRolePolicy');
  expect(await assume(KEY_STORE, A, SLR_ARN)).toBe('OK');
  expect(await assume('kms.aliyuncs.com', A, SLR_ARN)).toBe('NoPermission AssumeRolePolicy');
  expect(await assume(KEY_STORE, A, `acs:ram::${A}:role/none`)).toBe('EntityNotExist.Role undefined');
});

it('94 and 95: roles assume roles that trust them; nobody but its service a service-linked one', async () => {
  const ids = await openIdentities();
  await deployer(ids, trust(trustRoot));
  const held = { PolicyType: 'System', PolicyName: 'AliyunSTSAssumeRoleAccess', RoleName: 'Deployer' };
  await ids.call(ids.root, 'Ram', 'AttachPolicyToRole', held);
  const AssumeRolePolicyDocument = trust({ RAM: `acs:ram::${A}:role/deployer` });
  await ids.call(ids.root, 'Ram', 'CreateRole', { RoleName: 'Prod', AssumeRolePolicyDocument });
  const alice = await ids.user('alice', allow('*'));
  const first = await assumed(ids, alice, { SourceIdentity: 'alice-at-work' });
  const RoleArn = `acs:ram::${A}:role/prod`;
  const second = await assumed(ids, first, { RoleArn, SourceIdentity: 'somebody-else' });
  expect(second.principal).toMatchObject({
    roleName: 'Prod',
    sourceIdentity: 'alice-at-work',
    linkedService: undefined,
  });
  expect(await ids.refusal(alice, 'Sts', 'AssumeRole', { ...session, RoleArn })).toMatchObject(refusedBy(TRUST));
  await ids.call(ids.root, 'Ram', 'CreateServiceLinkedRole', { ServiceName: KEY_STORE });
  for (const caller of [alice, first]) {
    const fault = await ids.refusal(caller, 'Sts', 'AssumeRole', { ...session, RoleArn: SLR_ARN });
    expect(fault).toMatchObject(refusedBy(TRUST));
    // Nobody can add to that policy.
    expect(fault.detail).not.toHaveProperty('MissingStatement');
    expect(fault.detail!.Explanation).toContain('for its service alone');
  }
});

it.each([
  ['75', allow('kms:*'), undefined, 'Decrypt', 'OK'],
  ['76', allow('kms:*'), [allow('kms:Decrypt')], 'Decrypt', 'OK'],
  ['77', allow('kms:*'), [allow('kms:Decrypt')], 'Encrypt', 'ImplicitDeny SessionPolicy'],
  ['78', allow('kms:*'), [allow('*')], 'StartInstance', `ImplicitDeny ${ID}`],
  [
    '79',
    allow('kms:*'),
    [allow('*'), { ...allow('kms:Decrypt'), Effect: 'Deny' }],
    'Decrypt',
    'ExplicitDeny SessionPolicy',
  ],
  ['80', undefined, undefined, 'Decrypt', `ImplicitDeny ${ID}`],
] as const)('%s: what a session may do', async (_, rolePolicy, sessionPolicy, operation, expected) => {
  const ids = await openIdentities({ operations: PROBES });
  const alice = await ids.user('alice', allow(['kms:*', 'sts:AssumeRole']));
  await deployer(ids, trust(trustRoot));
  if (rolePolicy !== undefined) {
    await ids.policy('of-role', rolePolicy);
    const held = { PolicyType: 'Custom', PolicyName: 'of-role', RoleName: 'Deployer' };
    await ids.call(ids.root, 'Ram', 'AttachPolicyToRole', held);
  }
  const Policy = sessionPolicy === undefined ? undefined : document(...sessionPolicy);
  const caller = await assumed(ids, alice, Policy === undefined ? {} : { Policy });
  const outcome = await ids.call(caller, operation === 'StartInstance' ? 'Ecs' : 'Kms', operation).then(
    () => 'OK',
    (fault: Seen) => `${fault.detail.NoPermissionType} ${fault.detail.PolicyType}`,
  );
  expect(outcome).toBe(expected);
});

it('answers as the vendor does, and tells the event who is behind the session but no secret', async () => {
  const ids = await openIdentities();
  const alice = await ids.user('alice', ASSUME);
  const { Role } = await deployer(ids, trust(trustRoot));
  const answer = await ids.call(alice, 'Sts', 'AssumeRole', { ...session, SourceIdentity: 'who' });
  expect(answer).toEqual({
    Credentials: {
      AccessKeyId: expect.stringMatching(/^STS\.[A-Za-z0-9]{24}$/),
      AccessKeySecret: expect.stringMatching(/^[A-Za-z0-9]{30,}$/),
      SecurityToken: expect.stringMatching(/^CAIS/),
      Expiration: '2026-03-01T09:00:00Z',
    },
    AssumedRoleUser: { Arn: `acs:ram::${A}:role/deployer/work`, AssumedRoleId: `${Role.RoleId}:work` },
    SourceIdentity: 'who',
  });
  const { Credentials } = answer;
  const found = await ids.authenticator.find(Credentials.AccessKeyId, Credentials.SecurityToken);
  expect(found.secret.revealText()).toBe(Credentials.AccessKeySecret);
  expect(found.caller.identity).toEqual({
    type: 'assumed-role',
    principalId: `${Role.RoleId}:work`,
    accountId: A,
    accessKeyId: Credentials.AccessKeyId,
    userName: 'deployer:work',
    sessionContext: { attributes: { mfaAuthenticated: 'false', creationDate: '2026-03-01T08:00:00Z' } },
  });
  const told = (await ids.events()).find(({ eventName }) => eventName === 'AssumeRole')!;
  expect(told.responseElements).toMatchObject({
    Credentials: { AccessKeyId: Credentials.AccessKeyId },
    AssumedRoleUser: { AssumedRoleId: `${Role.RoleId}:work` },
  });
  const everything = JSON.stringify(await ids.events());
  expect(everything).not.toContain(Credentials.AccessKeySecret);
  expect(everything).not.toContain(Credentials.SecurityToken);
});

it('tells callers who they are', async () => {
  const ids = await openIdentities();
  const who = (caller: Caller) => ids.call(caller, 'Sts', 'GetCallerIdentity');
  expect(await who(ids.root)).toEqual({
    IdentityType: 'Account',
    AccountId: A,
    Arn: `acs:ram::${A}:root`,
    PrincipalId: A,
  });
  const alice = await ids.user('alice', ASSUME);
  const { userId } = alice.principal as Seen;
  expect(await who(alice)).toEqual({
    IdentityType: 'RAMUser',
    AccountId: A,
    Arn: `acs:ram::${A}:user/alice`,
    PrincipalId: userId,
    UserId: userId,
  });
  const { Role } = await deployer(ids, trust(trustRoot));
  expect(await who(await assumed(ids, alice))).toEqual({
    IdentityType: 'AssumedRoleUser',
    AccountId: A,
    Arn: `acs:ram::${A}:assumed-role/deployer/work`,
    PrincipalId: `${Role.RoleId}:work`,
    RoleId: Role.RoleId,
  });
});

it('81: ends sessions at their time and with their role; others live on', async () => {
  const ids = await openIdentities();
  const alice = await ids.user('alice', ASSUME);
  await deployer(ids, trust(trustRoot));
  const open = async () => (await ids.call(alice, 'Sts', 'AssumeRole', session)).Credentials;
  const [one, two] = [await open(), await open()];
  const opens = (key: Seen) => ids.callerOf(key, key.SecurityToken);
  expect((await opens(one)).accessKeyId).not.toBe((await opens(two)).accessKeyId);
  ids.advance(3599_000);
  await opens(one);
  const fresh = await open();
  ids.advance(1000);
  await expect(opens(one)).rejects.toMatchObject({ code: 'InvalidSecurityToken.Expired', status: 400 });
  await opens(fresh);
  await ids.call(ids.root, 'Ram', 'DeleteRole', { RoleName: 'Deployer' });
  await expect(opens(fresh)).rejects.toMatchObject({ code: 'InvalidSecurityToken.Expired' });
  await deployer(ids, trust(trustRoot));
  await expect(opens(fresh)).rejects.toMatchObject({ code: 'InvalidSecurityToken.Expired' });
});

it('takes a token with its own key only, and no token but its own', async () => {
  const ids = await openIdentities();
  const alice = await ids.user('alice', ASSUME);
  await deployer(ids, trust(trustRoot));
  const key = (await ids.call(alice, 'Sts', 'AssumeRole', session)).Credentials;
  const other = (await ids.call(alice, 'Sts', 'AssumeRole', session)).Credentials;
  const find = (id: string, token?: string) =>
    ids.authenticator.find(id, token).then(
      () => 'OK',
      (fault: Seen) => fault.code,
    );
  expect(await find(key.AccessKeyId, key.SecurityToken)).toBe('OK');
  expect(await find(key.AccessKeyId)).toBe('MissingSecurityToken');
  expect(await find(key.AccessKeyId, '')).toBe('MissingSecurityToken');
  expect(await find(key.AccessKeyId, other.SecurityToken)).toBe('InvalidSecurityToken.MismatchWithAccessKey');
  expect(await find(alice.accessKeyId!, key.SecurityToken)).toBe('InvalidSecurityToken.MismatchWithAccessKey');
  const [role] = await ids.storage.reader.list(ROLES, { account: A, region: '' });
  const random = { bytes: (count: number) => new Uint8Array(count) };
  const forged = createSessionTokens(createSealer(new Secret(new Uint8Array(32)), random)).issue({
    accessKeyId: key.AccessKeyId,
    secret: Secret.ofText('known'),
    account: A,
    roleId: role!.roleId,
    sessionName: 'work',
    policy: undefined,
    sourceIdentity: undefined,
    playerUid: A,
    linkedService: undefined,
    createdAt: 0,
    expiresAt: 2 ** 42,
  });
  const token: string = key.SecurityToken;
  const flipped = token.slice(0, 60) + (token[60] === 'A' ? 'B' : 'A') + token.slice(61);
  for (const bad of [forged, flipped, token.slice(0, -8), 'CAIS', 'x', `CAIS${'A'.repeat(20_000)}`]) {
    expect(await find(key.AccessKeyId, bad)).toBe('InvalidSecurityToken.Malformed');
  }
});
