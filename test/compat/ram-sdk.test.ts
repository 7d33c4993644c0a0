import ram from '@alicloud/ram20150501';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../support/coffer.ts';
import { refusalOf, sdkClient } from '../support/sdk.ts';

let server: TestServer;
let client: InstanceType<typeof ram.default>;
beforeAll(async () => {
  server = await startTestServer();
  client = sdkClient(ram.default, { server });
});
afterAll(() => server.close());

const ALLOW_ALL = JSON.stringify({ Version: '1', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] });
const ALLOW_KMS = JSON.stringify({ Version: '1', Statement: [{ Effect: 'Allow', Action: 'kms:*', Resource: '*' }] });
const trusting = (Principal: object): string =>
  JSON.stringify({ Version: '1', Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal }] });

describe('users', () => {
  it('are created, found, changed, listed, deleted', async () => {
    const created = await client.createUser(
      new ram.CreateUserRequest({
        userName: 'ann',
        displayName: 'Ann',
        comments: 'first 中文',
        email: 'a@example.com',
      }),
    );
    const userId = created.body!.user!.userId!;
    expect(userId).toMatch(/^\d{18}$/);
    const found = (await client.getUser(new ram.GetUserRequest({ userName: 'ann' }))).body!.user!;
    expect(found).toMatchObject({ userId, displayName: 'Ann', comments: 'first 中文', mobilePhone: '' });
    await client.updateUser(
      new ram.UpdateUserRequest({ userName: 'ann', newUserName: 'anna', newDisplayName: 'Anna', newComments: 'x' }),
    );
    const users = (await client.listUsers(new ram.ListUsersRequest({ maxItems: 100 }))).body!;
    expect(users.isTruncated).toBe(false);
    expect(users.users!.user).toMatchObject([{ userName: 'anna', userId, displayName: 'Anna' }]);
    expect(await refusalOf(client.createUser(new ram.CreateUserRequest({ userName: 'anna' })))).toMatchObject({
      code: 'EntityAlreadyExists.User',
      status: 409,
    });
    await client.deleteUser(new ram.DeleteUserRequest({ userName: 'anna' }));
    expect(await refusalOf(client.getUser(new ram.GetUserRequest({ userName: 'anna' })))).toMatchObject({
      code: 'EntityNotExist.User',
      status: 404,
      data: { Message: 'The user does not exist.' },
    });
  });

  it('have at most two AccessKeys, and cannot go before them', async () => {
    const userName = 'keys';
    await client.createUser(new ram.CreateUserRequest({ userName }));
    const make = async () =>
      (await client.createAccessKey(new ram.CreateAccessKeyRequest({ userName }))).body!.accessKey!;
    const made = [await make(), await make()];
    for (const { accessKeyId, accessKeySecret } of made) {
      expect(accessKeyId).toMatch(/^LTAI[A-Za-z0-9]{20}$/);
      expect(accessKeySecret).toMatch(/^[A-Za-z0-9]{30}$/);
    }
    expect(await refusalOf(make())).toMatchObject({ code: 'LimitExceeded.User.AccessKey', status: 409 });
    const listed = (await client.listAccessKeys(new ram.ListAccessKeysRequest({ userName }))).body!.accessKeys!;
    expect(listed.accessKey!.map(({ accessKeyId }) => accessKeyId).sort()).toEqual(
      made.map(({ accessKeyId }) => accessKeyId).sort(),
    );
    expect(JSON.stringify(listed)).not.toContain(made[0]!.accessKeySecret);
    expect(await refusalOf(client.deleteUser(new ram.DeleteUserRequest({ userName })))).toMatchObject({
      code: 'DeleteConflict.User.AccessKey',
      status: 409,
    });
    for (const { accessKeyId } of made) {
      await client.deleteAccessKey(new ram.DeleteAccessKeyRequest({ userName, userAccessKeyId: accessKeyId! }));
    }
    await client.deleteUser(new ram.DeleteUserRequest({ userName }));
  });

  it('page by markers', async () => {
    for (const name of ['p1', 'p2', 'p3']) await client.createUser(new ram.CreateUserRequest({ userName: name }));
    const names: string[] = [];
    let marker: string | undefined;
    do {
      const request = new ram.ListUsersRequest({ maxItems: 2, ...(marker === undefined ? {} : { marker }) });
      const body = (await client.listUsers(request)).body!;
      names.push(...body.users!.user!.map(({ userName }) => userName!));
      marker = body.isTruncated ? body.marker : undefined;
    } while (marker !== undefined);
    expect(names.sort()).toEqual(['p1', 'p2', 'p3']);
  });
});

describe('policies', () => {
  it('have versions, one of which counts', async () => {
    const policyName = 'versions';
    await client.createPolicy(new ram.CreatePolicyRequest({ policyName, policyDocument: ALLOW_ALL, description: 'd' }));
    const { policyVersion } = (
      await client.createPolicyVersion(
        new ram.CreatePolicyVersionRequest({ policyName, policyDocument: ALLOW_KMS, setAsDefault: true }),
      )
    ).body!;
    expect(policyVersion).toMatchObject({ versionId: 'v2', isDefaultVersion: true });
    const got = (await client.getPolicy(new ram.GetPolicyRequest({ policyName, policyType: 'Custom' }))).body!;
    expect(got.policy).toMatchObject({ policyName, defaultVersion: 'v2', description: 'd', policyType: 'Custom' });
    expect(got.defaultPolicyVersion!.policyDocument).toBe(ALLOW_KMS);
    const versions = await client.listPolicyVersions(
      new ram.ListPolicyVersionsRequest({ policyName, policyType: 'Custom' }),
    );
    const ids = versions.body!.policyVersions!.policyVersion!.map(({ versionId }) => versionId);
    expect(ids.sort()).toEqual(['v1', 'v2']);
    await client.setDefaultPolicyVersion(new ram.SetDefaultPolicyVersionRequest({ policyName, versionId: 'v1' }));
    await client.deletePolicyVersion(new ram.DeletePolicyVersionRequest({ policyName, versionId: 'v2' }));
    await client.deletePolicy(new ram.DeletePolicyRequest({ policyName }));
    expect(
      await refusalOf(client.getPolicy(new ram.GetPolicyRequest({ policyName, policyType: 'Custom' }))),
    ).toMatchObject({ code: 'EntityNotExist.Policy', status: 404 });
  });

  it.each(['', '{', '{"Version":"2"}', '{"Version":"1","Statement":[{"Effect":"Maybe","Action":"*","Resource":"*"}]}'])(
    'cannot be %j',
    async (policyDocument) => {
      const request = new ram.CreatePolicyRequest({ policyName: 'bad', policyDocument });
      expect((await refusalOf(client.createPolicy(request))).status).toBe(400);
    },
  );

  it('are attached to users, groups and roles, and keep them from going', async () => {
    const policyName = 'attached';
    const policyType = 'Custom';
    await client.createPolicy(new ram.CreatePolicyRequest({ policyName, policyDocument: ALLOW_KMS }));
    await client.createUser(new ram.CreateUserRequest({ userName: 'u' }));
    await client.createGroup(new ram.CreateGroupRequest({ groupName: 'g', comments: 'c' }));
    await client.createRole(
      new ram.CreateRoleRequest({
        roleName: 'R',
        assumeRolePolicyDocument: trusting({ RAM: [`acs:ram::${server.account}:root`] }),
      }),
    );
    await client.attachPolicyToUser(new ram.AttachPolicyToUserRequest({ policyType, policyName, userName: 'u' }));
    await client.attachPolicyToGroup(new ram.AttachPolicyToGroupRequest({ policyType, policyName, groupName: 'g' }));
    await client.attachPolicyToRole(new ram.AttachPolicyToRoleRequest({ policyType, policyName, roleName: 'R' }));
    expect(
      await refusalOf(
        client.attachPolicyToUser(new ram.AttachPolicyToUserRequest({ policyType, policyName, userName: 'u' })),
      ),
    ).toMatchObject({ code: 'EntityAlreadyExists.User.Policy', status: 409 });
    const entities = (
      await client.listEntitiesForPolicy(new ram.ListEntitiesForPolicyRequest({ policyType, policyName }))
    ).body!;
    expect(entities).toMatchObject({
      users: { user: [{ userName: 'u' }] },
      groups: { group: [{ groupName: 'g' }] },
      roles: { role: [{ roleName: 'R', arn: `acs:ram::${server.account}:role/r` }] },
    });
    const mine = (await client.listPoliciesForUser(new ram.ListPoliciesForUserRequest({ userName: 'u' }))).body!;
    expect(mine.policies!.policy).toMatchObject([{ policyName, policyType }]);
    expect((await refusalOf(client.deletePolicy(new ram.DeletePolicyRequest({ policyName })))).code).toMatch(
      /^DeleteConflict\./,
    );
    expect(await refusalOf(client.deleteRole(new ram.DeleteRoleRequest({ roleName: 'R' })))).toMatchObject({
      code: 'DeleteConflict.Role.Policy',
      status: 409,
    });
    await client.detachPolicyFromUser(new ram.DetachPolicyFromUserRequest({ policyType, policyName, userName: 'u' }));
    await client.detachPolicyFromGroup(
      new ram.DetachPolicyFromGroupRequest({ policyType, policyName, groupName: 'g' }),
    );
    await client.detachPolicyFromRole(new ram.DetachPolicyFromRoleRequest({ policyType, policyName, roleName: 'R' }));
    await client.deletePolicy(new ram.DeletePolicyRequest({ policyName }));
    await client.deleteRole(new ram.DeleteRoleRequest({ roleName: 'R' }));
    await client.deleteGroup(new ram.DeleteGroupRequest({ groupName: 'g' }));
    await client.deleteUser(new ram.DeleteUserRequest({ userName: 'u' }));
  });

  it('come with the service, too', async () => {
    const listed = (await client.listPolicies(new ram.ListPoliciesRequest({ policyType: 'System', maxItems: 1000 })))
      .body!;
    const names = listed.policies!.policy!.map(({ policyName }) => policyName);
    expect(names).toEqual(expect.arrayContaining(['AdministratorAccess', 'AliyunKMSFullAccess']));
  });
});

describe('groups and roles', () => {
  it('have members', async () => {
    await client.createUser(new ram.CreateUserRequest({ userName: 'm' }));
    await client.createGroup(new ram.CreateGroupRequest({ groupName: 'team' }));
    await client.addUserToGroup(new ram.AddUserToGroupRequest({ userName: 'm', groupName: 'team' }));
    const members = (await client.listUsersForGroup(new ram.ListUsersForGroupRequest({ groupName: 'team' }))).body!;
    expect(members.users!.user).toMatchObject([{ userName: 'm' }]);
    const groups = (await client.listGroupsForUser(new ram.ListGroupsForUserRequest({ userName: 'm' }))).body!;
    expect(groups.groups!.group).toMatchObject([{ groupName: 'team' }]);
    await client.removeUserFromGroup(new ram.RemoveUserFromGroupRequest({ userName: 'm', groupName: 'team' }));
    const left = (await client.listUsersForGroup(new ram.ListUsersForGroupRequest({ groupName: 'team' }))).body!;
    expect(left.users!.user).toEqual([]);
  });

  it('show a trust policy as the Terraform provider reads it', async () => {
    const document = trusting({ Service: ['ecs.aliyuncs.com'] });
    const created = await client.createRole(
      new ram.CreateRoleRequest({ roleName: 'ForEcs', assumeRolePolicyDocument: document, maxSessionDuration: 7200 }),
    );
    expect(created.body!.role).toMatchObject({
      roleName: 'ForEcs',
      arn: `acs:ram::${server.account}:role/forecs`,
      roleId: expect.stringMatching(/^\d{18}$/),
    });
    const found = (await client.getRole(new ram.GetRoleRequest({ roleName: 'ForEcs' }))).body!.role!;
    expect(found.maxSessionDuration).toBe(7200);
    expect(JSON.parse(found.assumeRolePolicyDocument!).Statement[0].Principal).toEqual({
      Service: ['ecs.aliyuncs.com'],
    });
    const clash = new ram.CreateRoleRequest({ roleName: 'forECS', assumeRolePolicyDocument: document });
    expect(await refusalOf(client.createRole(clash))).toMatchObject({ code: 'EntityAlreadyExists.Role', status: 409 });
    const roles = (await client.listRoles(new ram.ListRolesRequest({}))).body!;
    expect(roles.roles!.role!.map(({ roleName }) => roleName)).toContain('ForEcs');
  });
});
