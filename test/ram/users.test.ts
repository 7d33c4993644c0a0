import { expect, it } from 'vitest';
import { USERS } from '../../src/domain/ram/user.ts';
import { ACCOUNT, allow, document, openIdentities, type Seen } from './support.ts';

it('makes, shows, changes, renames and deletes a user', async () => {
  const { root, call, refusal, advance } = await openIdentities();
  const { User: made } = await call(root, 'Ram', 'CreateUser', { UserName: 'alice', DisplayName: '爱丽丝' });
  expect(made).toEqual({
    UserId: expect.stringMatching(/^2\d{17}$/),
    UserName: 'alice',
    DisplayName: '爱丽丝',
    MobilePhone: '',
    Email: '',
    Comments: '',
    CreateDate: '2026-03-01T08:00:00Z',
  });
  advance(60_000);
  const changes = { UserName: 'alice', NewUserName: 'alicia', NewDisplayName: '', NewEmail: 'a@example.com' };
  await call(root, 'Ram', 'UpdateUser', changes);
  const { User: shown } = await call(root, 'Ram', 'GetUser', { UserName: 'alicia' });
  expect(shown).toEqual({
    ...made,
    UserName: 'alicia',
    DisplayName: '',
    Email: 'a@example.com',
    UpdateDate: '2026-03-01T08:01:00Z',
    LastLoginDate: '',
  });
  expect((await refusal(root, 'Ram', 'GetUser', { UserName: 'alice' })).code).toBe('EntityNotExist.User');
  await call(root, 'Ram', 'DeleteUser', { UserName: 'alicia' });
  expect((await call(root, 'Ram', 'ListUsers')).Users.User).toEqual([]);
});

it.each([
  ['CreateUser', {}, 'MissingUserName', 400],
  ['CreateUser', { UserName: 'a b' }, 'InvalidParameter.UserName.InvalidChars', 400],
  ['CreateUser', { UserName: 'a'.repeat(65) }, 'InvalidParameter.UserName.Length', 400],
  ['CreateUser', { UserName: 'new', DisplayName: 'a/b' }, 'InvalidParameter.DisplayName.InvalidChars', 400],
  ['CreateUser', { UserName: 'new', MobilePhone: 'call me' }, 'InvalidParameter.MobilePhone.Format', 400],
  ['CreateUser', { UserName: 'new', Email: 'nobody' }, 'InvalidParameter.Email.Format', 400],
  ['CreateUser', { UserName: 'new', Comments: 'c'.repeat(129) }, 'InvalidParameter.Comments.Length', 400],
  ['CreateUser', { UserName: 'bob' }, 'EntityAlreadyExists.User', 409],
  ['UpdateUser', { UserName: 'bob', NewUserName: 'eve' }, 'EntityAlreadyExists.User', 409],
  ['UpdateUser', { UserName: 'bob', NewMobilePhone: 'x' }, 'InvalidParameter.NewMobilePhone.Format', 400],
  ['UpdateUser', { UserName: 'nobody' }, 'EntityNotExist.User', 404],
  ['GetUser', { UserName: 'Bob' }, 'EntityNotExist.User', 404],
  ['DeleteUser', { UserName: 'nobody' }, 'EntityNotExist.User', 404],
  ['ListUsers', { MaxItems: '0' }, 'InvalidParameter.MaxItems', 400],
  ['CreateAccessKey', { UserName: 'nobody' }, 'EntityNotExist.User', 404],
  ['ListAccessKeys', { UserName: 'nobody' }, 'EntityNotExist.User', 404],
  ['UpdateAccessKey', { UserName: 'bob', UserAccessKeyId: 'LTAI1', Status: 'On' }, 'InvalidParameter.Status', 400],
  [
    'UpdateAccessKey',
    { UserName: 'bob', UserAccessKeyId: 'LTAI1', Status: 'Inactive' },
    'EntityNotExist.User.AccessKey',
    404,
  ],
  ['DeleteAccessKey', { UserName: 'bob', UserAccessKeyId: 'LTAI1' }, 'EntityNotExist.User.AccessKey', 404],
  ['DeleteLoginProfile', { UserName: 'bob' }, 'EntityNotExist.User.LoginProfile', 404],
  ['DeleteLoginProfile', { UserName: 'nobody' }, 'EntityNotExist.User', 404],
  ['UnbindMFADevice', { UserName: 'bob' }, 'EntityNotExist.User.MFADevice', 404],
  ['CreateRole', { RoleName: 'r', AssumeRolePolicyDocument: '{}', 'Tag.1.Key': 'a' }, 'InvalidParameter.Tag', 400],
  ['CreatePolicy', { PolicyName: 'p', PolicyDocument: '{}', 'Tag.1.Key': 'a' }, 'InvalidParameter.Tag', 400],
  ['ListRoles', { 'Tag.1.Key': 'a' }, 'InvalidParameter.Tag', 400],
  ['ListPolicies', { 'Tag.1.Key': 'a' }, 'InvalidParameter.Tag', 400],
] as const)('%s %j: %s', async (operation, values, code, status) => {
  const { root, call, refusal } = await openIdentities();
  for (const UserName of ['bob', 'eve']) await call(root, 'Ram', 'CreateUser', { UserName });
  expect(await refusal(root, 'Ram', operation, values)).toMatchObject({ code, status });
});

it('pages through users: Marker only when truncated', async () => {
  const { root, call, refusal } = await openIdentities();
  const names = ['a', 'b', 'c', 'd', 'e'];
  for (const UserName of names) await call(root, 'Ram', 'CreateUser', { UserName });
  const pages: Seen[] = [];
  for (let marker: string | undefined, more = true; more; ) {
    const page = await call(root, 'Ram', 'ListUsers', {
      MaxItems: '2',
      ...(marker === undefined ? {} : { Marker: marker }),
    });
    pages.push(page);
    more = page.IsTruncated;
    marker = page.Marker;
  }
  expect(pages.map((page) => page.Users.User.length)).toEqual([2, 2, 1]);
  expect(pages.map((page) => 'Marker' in page)).toEqual([true, true, false]);
  for (const Marker of ['garbage', '200000000000000001', `${pages[0]!.Marker}x`]) {
    const fault = await refusal(root, 'Ram', 'ListUsers', { Marker });
    expect(fault).toMatchObject({ code: 'InvalidParameter.Marker', status: 400 });
  }
  expect(pages.flatMap((page) => page.Users.User.map((user: Seen) => user.UserName)).sort()).toEqual(names);
});

it('keeps an AccessKey secret out of everything but its answer', async () => {
  const { root, call, events, authenticator } = await openIdentities();
  await call(root, 'Ram', 'CreateUser', { UserName: 'alice' });
  const { AccessKey } = await call(root, 'Ram', 'CreateAccessKey', { UserName: 'alice' });
  expect(AccessKey).toMatchObject({ Status: 'Active', AccessKeyId: expect.stringMatching(/^LTAI[A-Za-z0-9]{20}$/) });
  const found = await authenticator.find(AccessKey.AccessKeyId, undefined);
  expect(found.secret.revealText()).toBe(AccessKey.AccessKeySecret);
  const listed = await call(root, 'Ram', 'ListAccessKeys', { UserName: 'alice' });
  const { AccessKeySecret: _, ...rest } = AccessKey;
  expect(listed.AccessKeys.AccessKey).toEqual([rest]);
  const told = JSON.stringify(await events());
  expect(told).toContain(AccessKey.AccessKeyId);
  expect(told).not.toContain(AccessKey.AccessKeySecret);
});

it('refuses disabled, deleted and orphaned keys at once, and renamed users under their new name', async () => {
  const { root, call, user, callerOf, storage } = await openIdentities();
  const alice = await user('alice');
  const AccessKeyId = alice.accessKeyId!;
  const key = { UserName: 'alice', UserAccessKeyId: AccessKeyId };
  await call(root, 'Ram', 'UpdateAccessKey', { ...key, Status: 'Inactive' });
  await expect(callerOf({ AccessKeyId })).rejects.toMatchObject({ code: 'InvalidAccessKeyId.Inactive', status: 400 });
  await call(root, 'Ram', 'UpdateAccessKey', { ...key, Status: 'Active' });
  await call(root, 'Ram', 'UpdateUser', { UserName: 'alice', NewUserName: 'alicia' });
  expect((await callerOf({ AccessKeyId })).identity.userName).toBe('alicia');
  await expect(call(root, 'Ram', 'DeleteUser', { UserName: 'alicia' })).rejects.toMatchObject({
    code: 'DeleteConflict.User.AccessKey',
    status: 409,
  });
  const place = { account: ACCOUNT, region: '' };
  const [record] = await storage.reader.list(USERS, place);
  await storage.transaction(async (tx) => void (await tx.remove(USERS, place, record!.userId)));
  await expect(callerOf({ AccessKeyId })).rejects.toMatchObject({ code: 'InvalidAccessKeyId.NotFound' });
  await storage.transaction((tx) => tx.insert(USERS, place, record!));
  await call(root, 'Ram', 'DeleteAccessKey', { UserName: 'alicia', UserAccessKeyId: AccessKeyId });
  await expect(callerOf({ AccessKeyId })).rejects.toMatchObject({ code: 'InvalidAccessKeyId.NotFound', status: 404 });
});

it('limits users and keys', async () => {
  const { root, call, refusal } = await openIdentities({ quotas: { users: 1 } });
  await call(root, 'Ram', 'CreateUser', { UserName: 'alice' });
  expect(await refusal(root, 'Ram', 'CreateUser', { UserName: 'bob' })).toMatchObject({ code: 'LimitExceeded.User' });
  for (let i = 0; i < 2; i += 1) await call(root, 'Ram', 'CreateAccessKey', { UserName: 'alice' });
  expect(await refusal(root, 'Ram', 'CreateAccessKey', { UserName: 'alice' })).toMatchObject({
    code: 'LimitExceeded.User.AccessKey',
    status: 409,
  });
});

it('lets a user manage its own keys, and nobody else’s, when allowed', async () => {
  const { call, refusal, user } = await openIdentities();
  const mine = allow('ram:*AccessKey*', `acs:ram:*:${ACCOUNT}:user/alice`);
  const alice = await user('alice', mine);
  await user('bob');
  await call(alice, 'Ram', 'CreateAccessKey');
  expect((await call(alice, 'Ram', 'ListAccessKeys')).AccessKeys.AccessKey).toHaveLength(2);
  expect(await refusal(alice, 'Ram', 'CreateAccessKey', { UserName: 'bob' })).toMatchObject({ code: 'NoPermission' });
});

it('never leaves the root user without an active key', async () => {
  const { root, call, refusal } = await openIdentities();
  const own = { UserAccessKeyId: root.accessKeyId! };
  const lockOut = { code: 'DeleteConflict.Account.LastAccessKey', status: 409 };
  expect(await refusal(root, 'Ram', 'DeleteAccessKey', own)).toMatchObject(lockOut);
  expect(await refusal(root, 'Ram', 'UpdateAccessKey', { ...own, Status: 'Inactive' })).toMatchObject(lockOut);
  const { AccessKey } = await call(root, 'Ram', 'CreateAccessKey');
  await call(root, 'Ram', 'DeleteAccessKey', own);
  const left = (await call(root, 'Ram', 'ListAccessKeys')).AccessKeys.AccessKey;
  expect(left.map((key: Seen) => key.AccessKeyId)).toEqual([AccessKey.AccessKeyId]);
});

it('says nothing about what the caller may not see', async () => {
  const { refusal, user } = await openIdentities();
  const alice = await user('alice', allow('ram:GetUser', `acs:ram:*:${ACCOUNT}:user/alice`));
  for (const UserName of ['alice2', 'root']) {
    const fault = await refusal(alice, 'Ram', 'GetUser', { UserName });
    expect(fault).toMatchObject({
      code: 'NoPermission',
      status: 403,
      detail: {
        AuthAction: 'ram:GetUser',
        AuthPrincipalType: 'SubUser',
        AuthPrincipalOwnerId: ACCOUNT,
        NoPermissionType: 'ImplicitDeny',
        PolicyType: 'AccountLevelIdentityBasedPolicy',
        AuthResource: `acs:ram:*:${ACCOUNT}:user/${UserName}`,
      },
    });
    expect(document(JSON.parse(fault.detail!.MissingStatement!))).toBe(
      document(allow('ram:GetUser', `acs:ram:*:${ACCOUNT}:user/${UserName}`)),
    );
  }
});
