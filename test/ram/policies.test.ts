import { expect, it } from 'vitest';
import { allow, document, openIdentities, type Seen, trust } from './support.ts';

const READ = document(allow('kms:Describe*'));
const USE = document(allow('kms:*'));
const POLICY = { PolicyType: 'Custom', PolicyName: 'mine' };

it('keeps versions, their numbers and the one in force', async () => {
  const { root, call, refusal } = await openIdentities();
  const create = (PolicyDocument: string, more = {}) =>
    call(root, 'Ram', 'CreatePolicyVersion', { PolicyName: 'mine', PolicyDocument, ...more });
  await call(root, 'Ram', 'CreatePolicy', { PolicyName: 'mine', PolicyDocument: READ, Description: 'd' });
  for (let i = 0; i < 3; i += 1) await create(READ);
  expect((await create(USE, { SetAsDefault: 'true' })).PolicyVersion).toEqual({
    VersionId: 'v5',
    IsDefaultVersion: true,
    PolicyDocument: USE,
    CreateDate: '2026-03-01T08:00:00Z',
  });
  const full = { PolicyName: 'mine', PolicyDocument: READ };
  expect(await refusal(root, 'Ram', 'CreatePolicyVersion', full)).toMatchObject({
    code: 'LimitExceeded.Policy.Version',
    status: 409,
  });
  await create(READ, { RotateStrategy: 'DeleteOldestNonDefaultVersionWhenLimitExceeded' });
  const versions = async () =>
    (await call(root, 'Ram', 'ListPolicyVersions', POLICY)).PolicyVersions.PolicyVersion.map((v: Seen) => v.VersionId);
  expect(await versions()).toEqual(['v2', 'v3', 'v4', 'v5', 'v6']);
  await call(root, 'Ram', 'DeletePolicyVersion', { PolicyName: 'mine', VersionId: 'v6' });
  expect((await create(READ)).PolicyVersion.VersionId).toBe('v7');
  const inForce = { PolicyName: 'mine', VersionId: 'v5' };
  expect((await refusal(root, 'Ram', 'DeletePolicyVersion', inForce)).code).toBe(
    'DeleteConflict.Policy.Version.Default',
  );
  await call(root, 'Ram', 'SetDefaultPolicyVersion', { PolicyName: 'mine', VersionId: 'v2' });
  await call(root, 'Ram', 'DeletePolicyVersion', inForce);
  const shown = await call(root, 'Ram', 'GetPolicy', POLICY);
  expect(shown.Policy).toMatchObject({
    PolicyType: 'Custom',
    DefaultVersion: 'v2',
    Description: 'd',
    AttachmentCount: 0,
  });
  expect(shown.DefaultPolicyVersion).toMatchObject({ VersionId: 'v2', IsDefaultVersion: true, PolicyDocument: READ });
  expect((await call(root, 'Ram', 'GetPolicyVersion', { ...POLICY, VersionId: 'v7' })).PolicyVersion).toMatchObject({
    IsDefaultVersion: false,
  });
});

it.each([
  ['CreatePolicy', { PolicyName: 'a_b', PolicyDocument: READ }, 'InvalidParameter.PolicyName.InvalidChars', 400],
  ['CreatePolicy', { PolicyName: 'new', PolicyDocument: '{}' }, 'MalformedPolicyDocument', 400],
  [
    'CreatePolicy',
    { PolicyName: 'new', PolicyDocument: `${READ}${' '.repeat(6144)}` },
    'InvalidParameter.PolicyDocument.Length',
    400,
  ],
  ['CreatePolicy', { PolicyName: 'new', PolicyDocument: `${READ}${' '.repeat(6144 - READ.length)}` }, 'OK', 200],
  ['CreatePolicy', { PolicyName: 'mine', PolicyDocument: READ }, 'EntityAlreadyExists.Policy', 409],
  ['CreatePolicy', { PolicyName: 'AdministratorAccess', PolicyDocument: READ }, 'OK', 200],
  ['CreatePolicyVersion', { PolicyName: 'mine', PolicyDocument: 'x' }, 'MalformedPolicyDocument', 400],
  ['CreatePolicyVersion', { PolicyName: 'AliyunKMSFullAccess', PolicyDocument: READ }, 'EntityNotExist.Policy', 404],
  [
    'SetDefaultPolicyVersion',
    { PolicyName: 'AliyunServiceRolePolicyForKMSKeyStore', VersionId: 'v1' },
    'EntityNotExist.Policy',
    404,
  ],
  ['SetDefaultPolicyVersion', { PolicyName: 'mine', VersionId: 'v9' }, 'EntityNotExist.Policy.Version', 404],
  ['SetDefaultPolicyVersion', { PolicyName: 'mine', VersionId: '1' }, 'InvalidParameter.VersionId.Format', 400],
  ['DeletePolicy', { PolicyName: 'AdministratorAccess' }, 'EntityNotExist.Policy', 404],
  ['GetPolicy', { PolicyName: 'mine', PolicyType: 'Own' }, 'InvalidParameter.PolicyType', 400],
  ['GetPolicy', { PolicyName: 'mine' }, 'MissingPolicyType', 400],
  ['GetPolicy', { PolicyName: 'mine', PolicyType: 'System' }, 'EntityNotExist.Policy', 404],
  ['UpdatePolicyDescription', { PolicyName: 'mine', NewDescription: '' }, 'OK', 200],
  [
    'UpdatePolicyDescription',
    { PolicyName: 'mine', NewDescription: 'd'.repeat(1025) },
    'InvalidParameter.NewDescription.Length',
    400,
  ],
  ['AttachPolicyToUser', { ...POLICY, UserName: 'nobody' }, 'EntityNotExist.User', 404],
  ['AttachPolicyToGroup', { ...POLICY, GroupName: 'none' }, 'EntityNotExist.Group', 404],
  ['AttachPolicyToRole', { ...POLICY, RoleName: 'none' }, 'EntityNotExist.Role', 404],
  ['AttachPolicyToUser', { ...POLICY, PolicyName: 'other', UserName: 'bob' }, 'EntityNotExist.Policy', 404],
  ['AttachPolicyToUser', { ...POLICY, UserName: 'bob' }, 'EntityAlreadyExists.User.Policy', 409],
  ['AttachPolicyToGroup', { ...POLICY, GroupName: 'ops' }, 'EntityAlreadyExists.Group.Policy', 409],
  ['AttachPolicyToRole', { ...POLICY, RoleName: 'deployer' }, 'EntityAlreadyExists.Role.Policy', 409],
  ['DetachPolicyFromUser', { ...POLICY, UserName: 'eve' }, 'EntityNotExist.User.Policy', 404],
  ['DetachPolicyFromGroup', { ...POLICY, GroupName: 'empty' }, 'EntityNotExist.Group.Policy', 404],
  ['DetachPolicyFromRole', { ...POLICY, RoleName: 'Bare' }, 'EntityNotExist.Role.Policy', 404],
  [
    'AttachPolicyToUser',
    { PolicyType: 'System', PolicyName: 'AliyunServiceRolePolicyForKMSKeyStore', UserName: 'bob' },
    'ReservedPolicy.ServiceLinkedRole',
    403,
  ],
  ['DeleteUser', { UserName: 'bob' }, 'DeleteConflict.User.Policy', 409],
  ['DeleteGroup', { GroupName: 'ops' }, 'DeleteConflict.Group.Policy', 409],
  ['DeleteRole', { RoleName: 'Deployer' }, 'DeleteConflict.Role.Policy', 409],
  ['DeletePolicy', { PolicyName: 'of-two' }, 'DeleteConflict.Policy.Version', 409],
  ['DeletePolicy', { PolicyName: 'of-two', CascadingDelete: 'true' }, 'OK', 200],
] as const)('%s %j: %s', async (operation, values, code, status) => {
  const { root, call } = await openIdentities();
  const ram = (name: string, given: Record<string, string>) => call(root, 'Ram', name, given);
  for (const UserName of ['bob', 'eve']) await ram('CreateUser', { UserName });
  for (const GroupName of ['ops', 'empty']) await ram('CreateGroup', { GroupName });
  const AssumeRolePolicyDocument = trust({ RAM: 'acs:ram::1000000000000001:root' });
  for (const RoleName of ['Deployer', 'Bare']) await ram('CreateRole', { RoleName, AssumeRolePolicyDocument });
  for (const PolicyName of ['mine', 'of-two']) await ram('CreatePolicy', { PolicyName, PolicyDocument: READ });
  await ram('CreatePolicyVersion', { PolicyName: 'of-two', PolicyDocument: USE });
  await ram('AttachPolicyToUser', { ...POLICY, UserName: 'bob' });
  await ram('AttachPolicyToGroup', { ...POLICY, GroupName: 'ops' });
  await ram('AttachPolicyToRole', { ...POLICY, RoleName: 'DEPLOYER' });
  const outcome = await ram(operation, values).then(
    () => ({ code: 'OK', status: 200 }),
    (fault: { code: string; status: number }) => fault,
  );
  expect(outcome).toMatchObject({ code, status });
});

it.each([
  ['User', 'DeleteConflict.Policy.User'],
  ['Group', 'DeleteConflict.Policy.Group'],
  ['Role', 'DeleteConflict.Role.Policy'],
] as const)('does not delete a policy that a %s has; deletes it once detached', async (kind, code) => {
  const { root, call, refusal } = await openIdentities();
  const holder = { [`${kind}Name`]: 'x' };
  const extra = kind === 'Role' ? { AssumeRolePolicyDocument: trust({ Service: 'ecs.aliyuncs.com' }) } : {};
  await call(root, 'Ram', `Create${kind}`, { ...holder, ...extra });
  await call(root, 'Ram', 'CreatePolicy', { PolicyName: 'mine', PolicyDocument: READ });
  await call(root, 'Ram', `AttachPolicyTo${kind}`, { ...POLICY, ...holder });
  const gone = { PolicyName: 'mine', CascadingDelete: 'true' };
  expect(await refusal(root, 'Ram', 'DeletePolicy', gone)).toMatchObject({ code, status: 409 });
  expect((await call(root, 'Ram', `ListPoliciesFor${kind}`, holder)).Policies.Policy).toEqual([
    { ...POLICY, Description: '', DefaultVersion: 'v1', AttachDate: '2026-03-01T08:00:00Z' },
  ]);
  const entities = await call(root, 'Ram', 'ListEntitiesForPolicy', POLICY);
  expect(entities[`${kind}s`][kind]).toHaveLength(1);
  expect((await call(root, 'Ram', 'GetPolicy', POLICY)).Policy.AttachmentCount).toBe(1);
  await call(root, 'Ram', `DetachPolicyFrom${kind}`, { ...POLICY, ...holder });
  await call(root, 'Ram', 'DeletePolicy', gone);
  await call(root, 'Ram', `Delete${kind}`, holder);
});

it('limits attached policies, custom and system apart', async () => {
  const { root, call, refusal } = await openIdentities({
    quotas: { customPoliciesPerUser: 1, systemPoliciesPerEntity: 1, policies: 2 },
  });
  await call(root, 'Ram', 'CreateUser', { UserName: 'bob' });
  const attach = (PolicyType: string, PolicyName: string) => ({ PolicyType, PolicyName, UserName: 'bob' });
  for (const PolicyName of ['one', 'two'])
    await call(root, 'Ram', 'CreatePolicy', { PolicyName, PolicyDocument: READ });
  expect((await refusal(root, 'Ram', 'CreatePolicy', { PolicyName: 'three', PolicyDocument: READ })).code).toBe(
    'LimitExceeded.Policy',
  );
  await call(root, 'Ram', 'AttachPolicyToUser', attach('Custom', 'one'));
  await call(root, 'Ram', 'AttachPolicyToUser', attach('System', 'ReadOnlyAccess'));
  for (const one of [attach('Custom', 'two'), attach('System', 'PowerUserAccess')]) {
    expect((await refusal(root, 'Ram', 'AttachPolicyToUser', one)).code).toBe('LimitExceeded.User.Policy');
  }
});

it('pages through custom policies, then system ones', async () => {
  const { root, call } = await openIdentities();
  for (const PolicyName of ['b', 'a', 'c'])
    await call(root, 'Ram', 'CreatePolicy', { PolicyName, PolicyDocument: READ });
  const listed = async (more: Record<string, string>) => {
    const names: string[] = [];
    for (let Marker: string | undefined = '', pages = 0; Marker !== undefined; pages += 1) {
      expect(pages).toBeLessThan(50);
      const given: Record<string, string> = { ...more, MaxItems: '2', ...(Marker === '' ? {} : { Marker }) };
      const page: Seen = await call(root, 'Ram', 'ListPolicies', given);
      names.push(...page.Policies.Policy.map((policy: Seen) => `${policy.PolicyType}/${policy.PolicyName}`));
      Marker = page.Marker;
    }
    return names;
  };
  const all = await listed({});
  expect(all.slice(0, 3)).toEqual(['Custom/a', 'Custom/b', 'Custom/c']);
  expect(all).toContain('System/AliyunKMSFullAccess');
  expect(all).toContain('System/AliyunServiceRolePolicyForKMSKeyStore');
  expect(new Set(all).size).toBe(all.length);
  expect(await listed({ PolicyType: 'Custom' })).toEqual(all.slice(0, 3));
  expect(await listed({ PolicyType: 'System' })).toEqual(all.slice(3));
});

it('manages groups and who is in them', async () => {
  const { root, call, refusal } = await openIdentities({ quotas: { groups: 3, groupsPerUser: 2 } });
  for (const UserName of ['bob', 'eve']) await call(root, 'Ram', 'CreateUser', { UserName });
  for (const GroupName of ['a', 'b', 'c']) await call(root, 'Ram', 'CreateGroup', { GroupName, Comments: 'x' });
  const code = async (name: string, given: Record<string, string>) => (await refusal(root, 'Ram', name, given)).code;
  expect(await code('CreateGroup', { GroupName: 'd' })).toBe('LimitExceeded.Group');
  expect(await code('CreateGroup', { GroupName: 'a' })).toBe('EntityAlreadyExists.Group');
  expect(await code('UpdateGroup', { GroupName: 'a', NewGroupName: 'b' })).toBe('EntityAlreadyExists.Group');
  for (const GroupName of ['a', 'b']) await call(root, 'Ram', 'AddUserToGroup', { UserName: 'bob', GroupName });
  await call(root, 'Ram', 'AddUserToGroup', { UserName: 'eve', GroupName: 'a' });
  expect(await code('AddUserToGroup', { UserName: 'bob', GroupName: 'c' })).toBe('LimitExceeded.User.Group');
  expect(await code('AddUserToGroup', { UserName: 'bob', GroupName: 'a' })).toBe('EntityAlreadyExists.User.Group');
  expect(await code('RemoveUserFromGroup', { UserName: 'bob', GroupName: 'c' })).toBe('EntityNotExist.User.Group');
  expect(await code('DeleteGroup', { GroupName: 'a' })).toBe('DeleteConflict.Group.User');
  expect(await code('DeleteUser', { UserName: 'bob' })).toBe('DeleteConflict.User.Group');
  const first = await call(root, 'Ram', 'ListUsersForGroup', { GroupName: 'a', MaxItems: '1' });
  const second = await call(root, 'Ram', 'ListUsersForGroup', { GroupName: 'a', MaxItems: '1', Marker: first.Marker });
  expect([first, second].map((page) => page.IsTruncated)).toEqual([true, false]);
  const members = [first, second].flatMap((page) => page.Users.User.map((user: Seen) => user.UserName));
  expect(members.sort()).toEqual(['bob', 'eve']);
  await call(root, 'Ram', 'UpdateGroup', { GroupName: 'a', NewGroupName: 'alpha', NewComments: '' });
  const joined = (await call(root, 'Ram', 'ListGroupsForUser', { UserName: 'bob' })).Groups.Group;
  expect(joined.map((group: Seen) => group.GroupName).sort()).toEqual(['alpha', 'b']);
  expect((await call(root, 'Ram', 'GetGroup', { GroupName: 'alpha' })).Group).toMatchObject({ Comments: '' });
  for (const GroupName of ['alpha', 'b'])
    await call(root, 'Ram', 'RemoveUserFromGroup', { UserName: 'bob', GroupName });
  await call(root, 'Ram', 'DeleteUser', { UserName: 'bob' });
  expect((await call(root, 'Ram', 'ListGroups')).Groups.Group).toHaveLength(3);
});
