import { expect, it } from 'vitest';
import { alike } from '../support/alike.ts';
import { ACCOUNT, allow, openIdentities, trust } from './support.ts';

const ROOT = trust({ RAM: `acs:ram::${ACCOUNT}:root` });
const SERVICE = trust({ Service: ['ecs.aliyuncs.com'] });

it('makes, shows, changes and deletes a role, whatever the case of its name', async () => {
  const { root, call, advance } = await openIdentities();
  const { Role } = await call(root, 'Ram', 'CreateRole', { RoleName: 'Deployer', AssumeRolePolicyDocument: ROOT });
  expect(Role).toEqual({
    RoleId: expect.stringMatching(/^3\d{17}$/),
    RoleName: 'Deployer',
    Arn: `acs:ram::${ACCOUNT}:role/deployer`,
    Description: '',
    AssumeRolePolicyDocument: ROOT,
    MaxSessionDuration: 3600,
    CreateDate: '2026-03-01T08:00:00Z',
  });
  advance(60_000);
  const update = { RoleName: 'DEPLOYER', NewDescription: 'd', NewMaxSessionDuration: '7200' };
  await call(root, 'Ram', 'UpdateRole', { ...update, NewAssumeRolePolicyDocument: SERVICE });
  const shown = (await call(root, 'Ram', 'GetRole', { RoleName: 'deployer' })).Role;
  expect(shown).toEqual({
    ...Role,
    Description: 'd',
    MaxSessionDuration: 7200,
    AssumeRolePolicyDocument: SERVICE,
    UpdateDate: '2026-03-01T08:01:00Z',
    IsServiceLinkedRole: false,
  });
  // What Terraform takes for granted of every role.
  expect(JSON.parse(shown.AssumeRolePolicyDocument).Statement[0].Principal).toBeTypeOf('object');
  const { AssumeRolePolicyDocument: _, ...listed } = shown;
  expect((await call(root, 'Ram', 'ListRoles')).Roles.Role).toEqual([listed]);
  await call(root, 'Ram', 'DeleteRole', { RoleName: 'deployer' });
  expect((await call(root, 'Ram', 'ListRoles')).Roles.Role).toEqual([]);
});

it.each([
  ['CreateRole', { RoleName: 'new' }, 'MissingAssumeRolePolicyDocument', 400],
  [
    'CreateRole',
    { RoleName: 'new', AssumeRolePolicyDocument: '{"Version":"1","Statement":[]}' },
    'MalformedPolicyDocument',
    400,
  ],
  [
    'CreateRole',
    { RoleName: 'new', AssumeRolePolicyDocument: ' '.repeat(6145) },
    'InvalidParameter.AssumeRolePolicyDocument.Length',
    400,
  ],
  [
    'CreateRole',
    { RoleName: 'new', AssumeRolePolicyDocument: trust({ RAM: `acs:ram::${ACCOUNT}:user/ghost` }) },
    'MalformedPolicyDocument',
    400,
  ],
  [
    'CreateRole',
    { RoleName: 'new', AssumeRolePolicyDocument: trust({ RAM: 'acs:ram::2000000000000002:user/bob' }) },
    'OK',
    200,
  ],
  [
    'CreateRole',
    { RoleName: 'new', AssumeRolePolicyDocument: ROOT, MaxSessionDuration: '60' },
    'InvalidParameter.MaxSessionDuration',
    400,
  ],
  ['CreateRole', { RoleName: 'DEPLOYER', AssumeRolePolicyDocument: ROOT }, 'EntityAlreadyExists.Role', 409],
  [
    'CreateRole',
    { RoleName: 'AliyunServiceRoleForKMSKeyStore', AssumeRolePolicyDocument: ROOT },
    'ReservedName.ServiceLinkedRole',
    403,
  ],
  [
    'CreateRole',
    { RoleName: 'aliyunserviceroleforanything', AssumeRolePolicyDocument: ROOT },
    'ReservedName.ServiceLinkedRole',
    403,
  ],
  ['GetRole', { RoleName: 'none' }, 'EntityNotExist.Role', 404],
  ['UpdateRole', { RoleName: 'Deployer', NewAssumeRolePolicyDocument: '{' }, 'MalformedPolicyDocument', 400],
  ['UpdateRole', { RoleName: 'none' }, 'EntityNotExist.Role', 404],
  ['DeleteRole', { RoleName: 'none' }, 'EntityNotExist.Role', 404],
  ['DeleteServiceLinkedRole', { RoleName: 'Deployer' }, 'EntityNotExist.ServiceLinkedRole', 404],
  ['DeleteServiceLinkedRole', { RoleName: 'none' }, 'EntityNotExist.Role', 404],
] as const)('%s %j: %s', async (operation, values, code, status) => {
  const { root, call } = await openIdentities();
  await call(root, 'Ram', 'CreateRole', { RoleName: 'Deployer', AssumeRolePolicyDocument: ROOT });
  const outcome = await call(root, 'Ram', operation, values).then(
    () => ({ code: 'OK', status: 200 }),
    (fault: { code: string; status: number }) => fault,
  );
  expect(outcome).toMatchObject({ code, status });
});

it('limits roles, but not service-linked ones', async () => {
  const { root, call, refusal } = await openIdentities({ quotas: { roles: 1 } });
  await call(root, 'Ram', 'CreateRole', { RoleName: 'one', AssumeRolePolicyDocument: ROOT });
  const another = { RoleName: 'two', AssumeRolePolicyDocument: ROOT };
  expect(await refusal(root, 'Ram', 'CreateRole', another)).toMatchObject({ code: 'LimitExceeded.Role', status: 409 });
  await call(root, 'ResourceManager', 'CreateServiceLinkedRole', { ServiceName: 'keystore.kms.aliyuncs.com' });
  await call(root, 'Ram', 'DeleteRole', { RoleName: 'one' });
  expect((await refusal(root, 'Ram', 'CreateRole', another)).code).toBe('LimitExceeded.Role');
});

it.each([
  ['Service only', SERVICE, 'OK'],
  ['RAM only', ROOT, 'NoPermission'],
  ['both', trust({ Service: 'ecs.aliyuncs.com', RAM: `acs:ram::${ACCOUNT}:root` }), 'NoPermission'],
])('may tie role creation to whom the role trusts: %s', async (_, AssumeRolePolicyDocument, code) => {
  const { call, user } = await openIdentities();
  const onlyServices = { 'ForAllValues:StringEquals': { 'ram:TrustedPrincipalTypes': 'Service' } };
  const alice = await user('alice', allow('ram:CreateRole', `acs:ram:*:${ACCOUNT}:role/*`, onlyServices));
  const outcome = await call(alice, 'Ram', 'CreateRole', { RoleName: 'new', AssumeRolePolicyDocument }).then(
    () => 'OK',
    (fault: { code: string }) => fault.code,
  );
  expect(outcome).toBe(code);
});

const ADMIN = { PolicyType: 'System', PolicyName: 'AdministratorAccess' };
it.each([
  ['Services', 'UpdateRole', { NewDescription: 'x' }, 'OK'],
  ['Humans', 'UpdateRole', { NewDescription: 'x' }, 'NoPermission'],
  ['Humans', 'UpdateRole', { NewAssumeRolePolicyDocument: trust({ Service: 'ecs.aliyuncs.com' }) }, 'OK'],
  [
    'Services',
    'UpdateRole',
    { NewAssumeRolePolicyDocument: trust({ RAM: `acs:ram::${ACCOUNT}:root` }) },
    'NoPermission',
  ],
  ['Services', 'AttachPolicyToRole', ADMIN, 'OK'],
  ['Humans', 'AttachPolicyToRole', ADMIN, 'NoPermission'],
])(
  'may tie changes of a role to whom it trusts, as sent or as stored: %s %s %j',
  async (RoleName, name, sent, code) => {
    const { root, call, user } = await openIdentities();
    const roles = { Services: { Service: 'ecs.aliyuncs.com' }, Humans: { RAM: `acs:ram::${ACCOUNT}:root` } };
    for (const [role, trusted] of Object.entries(roles)) {
      await call(root, 'Ram', 'CreateRole', { RoleName: role, AssumeRolePolicyDocument: trust(trusted) });
    }
    const onlyServices = { 'ForAllValues:StringEquals': { 'ram:TrustedPrincipalTypes': 'Service' } };
    const alice = await user(
      'alice',
      allow(`ram:${name}`, `acs:ram:*:${ACCOUNT}:role/*`, onlyServices),
      allow(`ram:${name}`, 'acs:ram:*:system:policy/*'),
    );
    const outcome = await call(alice, 'Ram', name, { RoleName, ...sent }).then(
      () => 'OK',
      (fault: { code: string }) => fault.code,
    );
    expect(outcome).toBe(code);
  },
);

it('explains a refused change of trust by the document that was sent, never by the one that is stored', async () => {
  const { root, call, refusal, user } = await openIdentities();
  const AssumeRolePolicyDocument = trust({ Service: 'stored.aliyuncs.com' });
  await call(root, 'Ram', 'CreateRole', { RoleName: 'Kept', AssumeRolePolicyDocument });
  const alice = await user('alice');
  const told = async (RoleName: string, more: Record<string, string>): Promise<string> => {
    const { message, detail } = await refusal(alice, 'Ram', 'UpdateRole', { RoleName, ...more });
    return alike({ message, detail }).replaceAll(RoleName, 'NAME');
  };
  const sent = { NewAssumeRolePolicyDocument: trust({ Service: 'sent.aliyuncs.com' }) };
  for (const more of [{ NewDescription: 'x' }, sent]) {
    expect(await told('Kept', more)).toBe(await told('Absentee', more));
    expect(await told('Kept', more)).not.toContain('stored.aliyuncs.com');
  }
  expect(await told('Kept', sent)).toContain('sent.aliyuncs.com');
});
