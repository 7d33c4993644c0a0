/** The decision examples of the RAM reference (section 8) that are about operations, by their numbers. */
import { expect, it } from 'vitest';
import { alike } from '../support/alike.ts';
import { PROBES } from './probes.ts';
import { ACCOUNT, allow, document, openIdentities, trust } from './support.ts';

const deny = (Action: string, Resource = '*') => ({ Effect: 'Deny', Action, Resource });
const A = ACCOUNT;
const SERVICE = 'keystore.kms.aliyuncs.com';
const forService = (value: string, key = 'ram:ServiceName') => ({ StringEquals: { [key]: value } });
const SLR = 'AliyunServiceRoleForKMSKeyStore';
const custom = { PolicyType: 'Custom', PolicyName: 'P', UserName: 'bob' };
const system = { PolicyType: 'System', PolicyName: 'AliyunKMSFullAccess', UserName: 'bob' };
const toGroup = { UserName: 'bob', GroupName: 'ops' };

interface Row {
  readonly no: string;
  readonly product?: 'Ram' | 'ResourceManager';
  readonly operation: string;
  readonly values: Record<string, string>;
  readonly statements: object[];
  readonly system?: string;
  readonly code: string;
}

const rows: readonly Row[] = [
  {
    no: '33',
    operation: 'AttachPolicyToUser',
    values: custom,
    statements: [allow('ram:AttachPolicyToUser', `acs:ram:*:${A}:user/*`)],
    code: 'NoPermission',
  },
  {
    no: '34',
    operation: 'AttachPolicyToUser',
    values: system,
    statements: [allow('ram:AttachPolicyToUser', [`acs:ram:*:${A}:user/*`, 'acs:ram:*:system:policy/*'])],
    code: 'OK',
  },
  {
    no: '35',
    operation: 'AttachPolicyToUser',
    values: system,
    statements: [allow('ram:AttachPolicyToUser', [`acs:ram:*:${A}:user/*`, `acs:ram:*:${A}:policy/*`])],
    code: 'NoPermission',
  },
  {
    no: '36',
    operation: 'AddUserToGroup',
    values: toGroup,
    statements: [allow('ram:AddUserToGroup', `acs:ram:*:${A}:group/ops`)],
    code: 'NoPermission',
  },
  {
    no: '36 with both',
    operation: 'AddUserToGroup',
    values: toGroup,
    statements: [allow('ram:AddUserToGroup', [`acs:ram:*:${A}:group/ops`, `acs:ram::${A}:user/bob`])],
    code: 'OK',
  },
  {
    no: '28',
    operation: 'GetRole',
    values: { RoleName: 'Deployer' },
    statements: [allow('ram:GetRole', `acs:ram:*:${A}:role/*`)],
    code: 'OK',
  },
  {
    no: '40',
    operation: 'GetRole',
    values: { RoleName: 'Deployer' },
    statements: [allow('ram:GetRole', `acs:ram:*:${A}:role/deployer`)],
    code: 'OK',
  },
  {
    no: '40 as stored',
    operation: 'GetRole',
    values: { RoleName: 'deployer' },
    statements: [allow('ram:GetRole', `acs:ram:*:${A}:role/Deployer`)],
    code: 'OK',
  },
  {
    no: '40 denied as stored',
    operation: 'GetRole',
    values: { RoleName: 'DEPLOYER' },
    statements: [allow('*'), deny('ram:GetRole', `acs:ram:*:${A}:role/Deployer`)],
    code: 'NoPermission',
  },
  {
    no: '99',
    operation: 'CreateServiceLinkedRole',
    values: { ServiceName: SERVICE },
    statements: [allow('ram:CreateServiceLinkedRole', '*', forService(SERVICE))],
    code: 'OK',
  },
  {
    no: '99 under ResourceManager',
    product: 'ResourceManager',
    operation: 'CreateServiceLinkedRole',
    values: { ServiceName: SERVICE },
    statements: [allow('ram:CreateServiceLinkedRole', '*', forService(SERVICE))],
    code: 'OK',
  },
  {
    no: '100',
    operation: 'CreateServiceLinkedRole',
    values: { ServiceName: 'secretsmanager-rds.kms.aliyuncs.com' },
    statements: [allow('ram:CreateServiceLinkedRole', '*', forService(SERVICE))],
    code: 'NoPermission',
  },
  {
    no: '101',
    operation: 'CreateServiceLinkedRole',
    values: { ServiceName: SERVICE },
    statements: [allow('ram:CreateServiceLinkedRole', '*', forService(SERVICE, 'ram:servicename'))],
    code: 'NoPermission',
  },
  {
    no: '102',
    operation: 'CreateServiceLinkedRole',
    values: { ServiceName: SERVICE },
    statements: [allow('ram:CreateServiceLinkedRole', `acs:ram:*:${A}:role/${SLR}`)],
    code: 'NoPermission',
  },
  {
    no: '103, the part of RAM',
    operation: 'CreateServiceLinkedRole',
    values: { ServiceName: SERVICE },
    statements: [allow('kms:*')],
    code: 'NoPermission',
  },
  {
    no: '103 with AliyunKMSFullAccess',
    operation: 'CreateServiceLinkedRole',
    values: { ServiceName: SERVICE },
    statements: [],
    system: 'AliyunKMSFullAccess',
    code: 'OK',
  },
  {
    no: '107',
    operation: 'CreateServiceLinkedRole',
    values: { ServiceName: SERVICE },
    statements: [],
    system: 'PowerUserAccess',
    code: 'OK',
  },
  {
    no: '107, not users',
    operation: 'CreateUser',
    values: { UserName: 'eve' },
    statements: [],
    system: 'PowerUserAccess',
    code: 'NoPermission',
  },
  {
    no: 'unknown service',
    operation: 'CreateServiceLinkedRole',
    values: { ServiceName: 'nas.aliyuncs.com' },
    statements: [allow('*')],
    code: 'EntityNotExist.Service',
  },
];

it.each(rows)(
  '$no: $operation is $code',
  async ({ product, operation, values, statements, system: attached, code }) => {
    const { root, call, user } = await openIdentities();
    await call(root, 'Ram', 'CreateUser', { UserName: 'bob' });
    await call(root, 'Ram', 'CreateGroup', { GroupName: 'ops' });
    await call(root, 'Ram', 'CreatePolicy', { PolicyName: 'P', PolicyDocument: document(allow('*')) });
    const AssumeRolePolicyDocument = trust({ RAM: `acs:ram::${A}:root` });
    await call(root, 'Ram', 'CreateRole', { RoleName: 'Deployer', AssumeRolePolicyDocument });
    const alice = await user('alice', ...statements);
    if (attached !== undefined) {
      await call(root, 'Ram', 'AttachPolicyToUser', { PolicyType: 'System', PolicyName: attached, UserName: 'alice' });
    }
    const outcome = await call(alice, product ?? 'Ram', operation, values).then(
      () => ({ code: 'OK' }),
      (fault: { code: string }) => fault,
    );
    expect(outcome).toMatchObject({ code });
  },
);

it('10: a permission withdrawn is withdrawn from the next call on', async () => {
  const { root, call, user } = await openIdentities({ operations: PROBES });
  const alice = await user('alice', allow('kms:Decrypt'));
  const held = { PolicyType: 'Custom', PolicyName: 'of-alice', UserName: 'alice' };
  for (let i = 0; i < 3; i += 1) {
    await call(alice, 'Kms', 'Decrypt');
    await call(root, 'Ram', 'DetachPolicyFromUser', held);
    await expect(call(alice, 'Kms', 'Decrypt')).rejects.toMatchObject({
      code: 'Forbidden.NoPermission',
      detail: { NoPermissionType: 'ImplicitDeny', PolicyType: 'AccountLevelIdentityBasedPolicy' },
    });
    await call(root, 'Ram', 'AttachPolicyToUser', held);
  }
});

it('11: only the version in force counts', async () => {
  const { root, call, refusal, user } = await openIdentities({ operations: PROBES });
  const alice = await user('alice', allow('kms:Decrypt'));
  const version = { PolicyName: 'of-alice', PolicyDocument: document(allow('kms:Encrypt')) };
  await call(root, 'Ram', 'CreatePolicyVersion', version);
  await call(alice, 'Kms', 'Decrypt');
  await call(root, 'Ram', 'SetDefaultPolicyVersion', { PolicyName: 'of-alice', VersionId: 'v2' });
  expect((await refusal(alice, 'Kms', 'Decrypt')).code).toBe('Forbidden.NoPermission');
  await call(alice, 'Kms', 'Encrypt');
});

it('6 to 8: policies of groups are their members’', async () => {
  const { root, call, refusal, user, policy } = await openIdentities({ operations: PROBES });
  const alice = await user('alice');
  const inGroup = { UserName: 'alice', GroupName: 'ops' };
  await call(root, 'Ram', 'CreateGroup', { GroupName: 'ops' });
  await policy('use', allow('kms:*'));
  await policy('no', deny('kms:Decrypt'));
  await call(root, 'Ram', 'AttachPolicyToGroup', { PolicyType: 'Custom', PolicyName: 'use', GroupName: 'ops' });
  expect((await refusal(alice, 'Kms', 'Decrypt')).detail).toMatchObject({ NoPermissionType: 'ImplicitDeny' });
  await call(root, 'Ram', 'AddUserToGroup', inGroup);
  await call(alice, 'Kms', 'Decrypt');
  await call(root, 'Ram', 'AttachPolicyToGroup', { PolicyType: 'Custom', PolicyName: 'no', GroupName: 'ops' });
  const fault = await refusal(alice, 'Kms', 'Decrypt');
  expect(fault.detail).toMatchObject({ NoPermissionType: 'ExplicitDeny' });
  expect(fault.detail).not.toHaveProperty('MissingStatement');
  await call(root, 'Ram', 'RemoveUserFromGroup', inGroup);
  expect((await refusal(alice, 'Kms', 'Encrypt')).detail).toMatchObject({ NoPermissionType: 'ImplicitDeny' });
});

it.each([
  ['105', SERVICE, 'OK'],
  ['106', 'nas.aliyuncs.com', 'NoPermission'],
])('%s: DeleteServiceLinkedRole allowed for %s is %s', async (_, value, code) => {
  const { root, call, user } = await openIdentities();
  await call(root, 'Ram', 'CreateServiceLinkedRole', { ServiceName: SERVICE });
  const alice = await user('alice', allow('ram:DeleteServiceLinkedRole', '*', forService(value)));
  const outcome = await call(alice, 'Ram', 'DeleteServiceLinkedRole', { RoleName: SLR }).then(
    () => ({ code: 'OK' }),
    (fault: { code: string }) => fault,
  );
  expect(outcome).toMatchObject({ code });
});

it('tells whoever may delete the role of a service that there is none, and nobody what other names stand for', async () => {
  const { root, call, refusal, user } = await openIdentities();
  await call(root, 'Ram', 'CreateRole', {
    RoleName: 'Ordinary',
    AssumeRolePolicyDocument: trust({ Service: 'ecs.aliyuncs.com' }),
  });
  const alice = await user('alice', allow('ram:DeleteServiceLinkedRole', '*', forService(SERVICE)));
  const refused = (RoleName: string) => refusal(alice, 'Ram', 'DeleteServiceLinkedRole', { RoleName });
  expect(await refused(SLR)).toMatchObject({ code: 'EntityNotExist.Role', status: 404 });
  expect(await refused(SLR.toLowerCase())).toMatchObject({ code: 'EntityNotExist.Role' });
  const told = async (RoleName: string) => {
    const { code, message, detail } = await refused(RoleName);
    return alike({ code, message, detail }).replaceAll(RoleName, 'NAME');
  };
  expect(await told('Ordinary')).toContain('"NoPermission"');
  expect(await told('Ordinary')).toBe(await told('Absentee'));
  expect(await told(`${SLR}_x`)).toContain('"NoPermission"');
});

it('says which statement is missing, and the statement helps', async () => {
  const { root, call, refusal, user, events } = await openIdentities();
  const alice = await user('alice', allow('kms:*'));
  const fault = await refusal(alice, 'Ram', 'CreateServiceLinkedRole', { ServiceName: SERVICE });
  expect(fault.message).toMatch(/^You are not authorized to do this action\. /);
  expect(fault.detail).toMatchObject({
    AuthAction: 'ram:CreateServiceLinkedRole',
    AuthResource: `acs:ram:*:${A}:role/*`,
    AuthPrincipalType: 'SubUser',
    NoPermissionType: 'ImplicitDeny',
  });
  const missing = JSON.parse(fault.detail!.MissingStatement!);
  expect(missing).toMatchObject({
    Effect: 'Allow',
    Action: 'ram:CreateServiceLinkedRole',
    Condition: { StringEquals: { 'ram:ServiceName': SERVICE } },
  });
  const names = (await call(root, 'Ram', 'ListRoles')).Roles.Role;
  expect(names).toEqual([]);
  await call(root, 'Ram', 'CreatePolicy', { PolicyName: 'fix', PolicyDocument: document(missing) });
  await call(root, 'Ram', 'AttachPolicyToUser', { PolicyType: 'Custom', PolicyName: 'fix', UserName: 'alice' });
  await call(alice, 'Ram', 'CreateServiceLinkedRole', { ServiceName: SERVICE });
  const asked = (await events()).filter(({ eventName }) => eventName === 'CreateServiceLinkedRole');
  expect(asked.map(({ errorCode }) => errorCode)).toEqual(['NoPermission', undefined]);
});

it('does not let a policy’s name look like another error', async () => {
  const { root, call, refusal, user } = await openIdentities({ operations: PROBES });
  const alice = await user('alice');
  for (const PolicyName of ['DetailsNotFound', 'Throttling']) {
    await call(root, 'Ram', 'CreatePolicy', { PolicyName, PolicyDocument: document(deny('kms:*')) });
    await call(root, 'Ram', 'AttachPolicyToUser', { PolicyType: 'Custom', PolicyName, UserName: 'alice' });
    const fault = await refusal(alice, 'Kms', 'Decrypt');
    expect(JSON.stringify(fault.detail)).not.toMatch(/NotFound|Throttling/);
    expect(fault.detail?.Explanation).toMatch(/no Allow outweighs/);
  }
});

it.each([
  ['aliens are outside', { IpAddress: { 'acs:SourceIp': '203.0.113.0/24' } }, {}, 'OK'],
  ['elsewhere', { IpAddress: { 'acs:SourceIp': '203.0.113.0/24' } }, { ip: '198.51.100.7' }, 'Forbidden.NoPermission'],
  ['48, public network', { StringEquals: { 'acs:SourceVpc': 'vpc-1' } }, {}, 'Forbidden.NoPermission'],
  ['49, through vpc-1', { StringEquals: { 'acs:SourceVpc': 'vpc-1' } }, { vpcId: 'vpc-1' }, 'OK'],
  ['60', { IpAddress: { 'acs:VpcSourceIp': '10.0.0.0/8' } }, { vpcSourceIp: '10.1.2.3' }, 'OK'],
  ['53, AccessKey', { Bool: { 'acs:MFAPresent': 'true' } }, {}, 'Forbidden.NoPermission'],
  ['54, AccessKey', { Bool: { 'acs:MFAPresent': 'false' } }, {}, 'OK'],
  ['55, plain', { Bool: { 'acs:SecureTransport': 'true' } }, { secure: false }, 'Forbidden.NoPermission'],
  ['56', { Bool: { 'acs:SecureTransport': 'true' } }, {}, 'OK'],
  ['57', { DateLessThan: { 'acs:CurrentTime': '2026-03-01T16:00:01+08:00' } }, {}, 'OK'],
  ['58', { DateLessThan: { 'acs:CurrentTime': '2026-03-01T16:00:00+08:00' } }, {}, 'Forbidden.NoPermission'],
  ['69', { StringEquals: { 'acs:PrincipalARN': `acs:ram::${A}:user/alice` } }, {}, 'OK'],
])('condition keys of a request, %s', async (_, condition, source, code) => {
  const { call, user } = await openIdentities({ operations: PROBES });
  const alice = await user('alice', allow('kms:Decrypt', '*', condition));
  const outcome = await call(alice, 'Kms', 'Decrypt', {}, { source }).then(
    () => ({ code: 'OK' }),
    (fault: { code: string }) => fault,
  );
  expect(outcome).toMatchObject({ code });
});
