import ram from '@alicloud/ram20150501';
import resourcemanager from '@alicloud/resourcemanager20200331';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createUser, MAY_CREATE_STORE_ROLE } from '../support/access.ts';
import { startTestServer, type TestServer } from '../support/coffer.ts';
import { type Key, popCall, refusalOf, sdkClient } from '../support/sdk.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const SERVICE = 'keystore.kms.aliyuncs.com';
const ROLE = 'AliyunServiceRoleForKMSKeyStore';

const client = (key?: Key) => sdkClient(resourcemanager.default, key === undefined ? { server } : { server, key });
const create = (options: object = {}, key?: Key) =>
  client(key).createServiceLinkedRole(
    new resourcemanager.CreateServiceLinkedRoleRequest({ serviceName: SERVICE, ...options }),
  );
const getRole = async (roleName = ROLE) =>
  (await sdkClient(ram.default, { server }).getRole(new ram.GetRoleRequest({ roleName }))).body!.role!;

/** Deletes the role and waits for the task's end, as the Terraform provider does. */
async function deleteRole(): Promise<{ taskId: string; status: string }> {
  const request = new resourcemanager.DeleteServiceLinkedRoleRequest({ roleName: ROLE });
  const taskId = (await client().deleteServiceLinkedRole(request)).body!.deletionTaskId!;
  for (let asked = 0; asked < 300; asked += 1) {
    const status = await statusOf(taskId);
    if (status !== 'NOT_STARTED' && status !== 'IN_PROGRESS') return { taskId, status };
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('the deletion task did not end');
}

async function statusOf(deletionTaskId: string): Promise<string> {
  const request = new resourcemanager.GetServiceLinkedRoleDeletionStatusRequest({ deletionTaskId });
  return (await client().getServiceLinkedRoleDeletionStatus(request)).body!.status!;
}

it('creates the role with its policy, once, and deletes it by a task', async () => {
  const { role } = (await create()).body!;
  expect(role).toMatchObject({
    roleName: ROLE,
    arn: `acs:ram::${server.account}:role/aliyunserviceroleforkmskeystore`,
    isServiceLinkedRole: true,
    roleId: expect.stringMatching(/^\d{18}$/),
    rolePrincipalName: expect.stringContaining(`${ROLE}@role.`),
  });
  const found = await getRole();
  expect(found).toMatchObject({ roleName: ROLE, roleId: role!.roleId, maxSessionDuration: 3600 });
  expect(JSON.parse(found.assumeRolePolicyDocument!)).toEqual({
    Version: '1',
    Statement: [{ Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: [SERVICE] } }],
  });
  const attached = await popCall({ server })('Ram', 'ListPoliciesForRole', { RoleName: ROLE });
  expect(attached.Policies.Policy).toMatchObject([
    { PolicyName: 'AliyunServiceRolePolicyForKMSKeyStore', PolicyType: 'System' },
  ]);
  expect(await refusalOf(create())).toMatchObject({ code: 'EntityAlreadyExists.Role', status: 409 });

  const { taskId, status } = await deleteRole();
  expect(taskId).toMatch(new RegExp(`^task/acs-service-role/${SERVICE}/${ROLE}/[0-9a-f-]{36}$`));
  expect(status).toBe('SUCCEEDED');
  expect(await refusalOf(getRole())).toMatchObject({ code: 'EntityNotExist.Role', status: 404 });
  expect(await statusOf(taskId)).toBe('SUCCEEDED');

  const again = (await create()).body!.role!;
  expect([again.arn, again.roleId === role!.roleId]).toEqual([role!.arn, false]);
  expect((await deleteRole()).status).toBe('SUCCEEDED');
});

it.each([
  [{ serviceName: 'nothing.aliyuncs.com' }, 'EntityNotExist.Service', 404],
  [{ customSuffix: 'mine' }, 'InvalidParameter.CustomSuffix.NotAllowed', 400],
  [{ description: 'mine' }, 'InvalidParameter.Description.NotAllowed', 400],
])('refuses %o', async (options, code, status) => {
  expect(await refusalOf(create(options))).toMatchObject({ code, status });
  expect(await refusalOf(getRole())).toMatchObject({ code: 'EntityNotExist.Role' });
});

it('refuses what cannot be deleted or asked about', async () => {
  const remove = (roleName: string) =>
    client().deleteServiceLinkedRole(new resourcemanager.DeleteServiceLinkedRoleRequest({ roleName }));
  expect(await refusalOf(remove('Nothing'))).toMatchObject({ code: 'EntityNotExist.Role', status: 404 });
  const trust = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: ['ecs.aliyuncs.com'] } };
  await popCall({ server })('Ram', 'CreateRole', {
    RoleName: 'Ordinary',
    AssumeRolePolicyDocument: JSON.stringify({ Version: '1', Statement: [trust] }),
  });
  expect(await refusalOf(remove('Ordinary'))).toMatchObject({ code: 'EntityNotExist.ServiceLinkedRole', status: 404 });
  expect(await refusalOf(statusOf('task/short'))).toMatchObject({
    code: 'InvalidParameter.DeletionTaskId.Length',
    status: 400,
  });
  const unknown = `task/acs-service-role/${SERVICE}/${ROLE}/00000000-0000-4000-8000-000000000000`;
  expect(await refusalOf(statusOf(unknown))).toMatchObject({
    code: 'EntityNotExist.ServiceLinkedRole.DeletionTask',
    status: 404,
  });
});

it('needs the permission under the condition of the service name', async () => {
  const { key } = await createUser(server, 'slr-none');
  const refused = await refusalOf(create({}, key));
  expect(refused).toMatchObject({
    code: 'NoPermission',
    status: 403,
    data: { AccessDeniedDetail: { AuthAction: 'ram:CreateServiceLinkedRole', NoPermissionType: 'ImplicitDeny' } },
  });
  expect(refused.data.AccessDeniedDetail.MissingStatement).toContain(SERVICE);
  await createUser(server, 'slr-other', {
    ...MAY_CREATE_STORE_ROLE,
    Condition: { StringEquals: { 'ram:ServiceName': 'other.aliyuncs.com' } },
  }).then(async (other) => expect((await refusalOf(create({}, other.key))).code).toBe('NoPermission'));
  const allowed = await createUser(server, 'slr-one', MAY_CREATE_STORE_ROLE);
  expect((await create({}, allowed.key)).body!.role!.roleName).toBe(ROLE);
});

it('keeps the role from every other change', async () => {
  const call = popCall({ server });
  const attempts: [string, Record<string, string>][] = [
    ['DeleteRole', { RoleName: ROLE }],
    ['UpdateRole', { RoleName: ROLE, NewDescription: 'mine now' }],
    ['AttachPolicyToRole', { RoleName: ROLE, PolicyType: 'System', PolicyName: 'AdministratorAccess' }],
    [
      'DetachPolicyFromRole',
      { RoleName: ROLE, PolicyType: 'System', PolicyName: 'AliyunServiceRolePolicyForKMSKeyStore' },
    ],
  ];
  for (const [action, parameters] of attempts) {
    const refused = await refusalOf(call('Ram', action, parameters));
    expect([action, refused.status]).toEqual([action, 403]);
  }
  expect(
    (await refusalOf(call('Sts', 'AssumeRole', { RoleArn: (await getRole()).arn!, RoleSessionName: 'me' }))).code,
  ).toBe('NoPermission');
  const trust = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: ['ecs.aliyuncs.com'] } };
  const squatter = call('Ram', 'CreateRole', {
    RoleName: 'AliyunServiceRoleForKMSSecretsManagerForRDS',
    AssumeRolePolicyDocument: JSON.stringify({ Version: '1', Statement: [trust] }),
  });
  expect((await refusalOf(squatter)).status).toBeGreaterThanOrEqual(403);
});
