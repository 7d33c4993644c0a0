/** The state table of AliyunServiceRoleForKMSKeyStore (14 cases), and what nobody may do to it. */
import { expect, it } from 'vitest';
import { DAY_MS } from '../../src/core/time.ts';
import { KEY_STORES } from '../../src/domain/kms/key-store.ts';
import { keyStoreUsage } from '../../src/domain/kms/key-store-usage.ts';
import { ROLES } from '../../src/domain/ram/role.ts';
import type { UsageProbe } from '../../src/domain/ram/role-usage.ts';
import type { Reader } from '../../src/domain/storage.ts';
import { LINKED_ROLES } from '../../src/slr/catalogue.ts';
import { CreateStore } from './store-operation.ts';
import {
  ACCOUNT,
  allow,
  type Identities,
  type IdentitiesOptions,
  openIdentities,
  type Seen,
  trust,
} from './support.ts';

const SERVICE = 'keystore.kms.aliyuncs.com';
const NAME = 'AliyunServiceRoleForKMSKeyStore';
const POLICY = 'AliyunServiceRolePolicyForKMSKeyStore';
const ARN = `acs:ram::${ACCOUNT}:role/aliyunserviceroleforkmskeystore`;
const PLACE = { account: ACCOUNT, region: '' };
const MAY_CREATE = allow('ram:CreateServiceLinkedRole', '*', { StringEquals: { 'ram:ServiceName': SERVICE } });

const open = (options: IdentitiesOptions = {}) => openIdentities({ operations: [CreateStore], ...options });
const store = (
  ids: Identities,
  caller: Seen,
  KeyStoreId = 'kst-1',
  more: Record<string, string> = {},
  region?: string,
) => ids.call(caller, 'Kms', 'CreateStore', { KeyStoreId, ...more }, region === undefined ? {} : { region });
const roleIds = async ({ storage }: Identities) =>
  (await storage.reader.list(ROLES, PLACE)).map(({ roleId }) => roleId);
const stores = ({ storage }: Identities) => storage.reader.everywhere(KEY_STORES, ACCOUNT);
const createRole = ({ call, root }: Identities) =>
  call(root, 'Ram', 'CreateServiceLinkedRole', { ServiceName: SERVICE });
const removeStores = async (ids: Identities) => {
  for (const { place, record } of await stores(ids)) {
    await ids.storage.transaction(async (tx) => void (await tx.remove(KEY_STORES, place, record.keyStoreId)));
  }
};

/** Asks for the deletion and waits for its end. */
async function deletion(ids: Identities): Promise<Seen> {
  const { DeletionTaskId } = await ids.call(ids.root, 'ResourceManager', 'DeleteServiceLinkedRole', { RoleName: NAME });
  await ids.settle();
  return { DeletionTaskId, ...(await status(ids, DeletionTaskId)) };
}
const status = (ids: Identities, DeletionTaskId: string): Promise<Seen> =>
  ids.call(ids.root, 'Ram', 'GetServiceLinkedRoleDeletionStatus', { DeletionTaskId });

it('says of the role what the source document says', async () => {
  const ids = await open();
  const { Role } = await createRole(ids);
  expect(Role).toEqual({
    RoleId: expect.stringMatching(/^3\d{17}$/),
    RoleName: NAME,
    Arn: ARN,
    AssumeRolePolicyDocument: expect.any(String),
    Description:
      'Service Linked Role for Key Management Service - Key Store. Key Management Service - Key Store will use this role to access your resources in other services.',
    CreateDate: '2026-03-01T08:00:00Z',
    IsServiceLinkedRole: true,
    RolePrincipalName: `${NAME}@role.${ACCOUNT}.onaliyunservice.com`,
  });
  expect(JSON.parse(Role.AssumeRolePolicyDocument)).toEqual({
    Version: '1',
    Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: [SERVICE] } }],
  });
  const held = await ids.call(ids.root, 'Ram', 'ListPoliciesForRole', { RoleName: NAME });
  expect(held.Policies.Policy).toMatchObject([{ PolicyName: POLICY, PolicyType: 'System' }]);
  const shown = await ids.call(ids.root, 'Ram', 'GetPolicy', { PolicyName: POLICY, PolicyType: 'System' });
  expect(JSON.parse(shown.DefaultPolicyVersion.PolicyDocument)).toEqual({
    Version: '1',
    Statement: [
      {
        Effect: 'Allow',
        Resource: '*',
        Action: [
          'CreateNetworkInterfacePermission',
          'DeleteNetworkInterfacePermission',
          'CreateNetworkInterface',
          'DescribeNetworkInterfaces',
          'DescribeSecurityGroups',
          'CreateSecurityGroup',
          'DeleteSecurityGroup',
          'AuthorizeSecurityGroup',
          'AuthorizeSecurityGroupEgress',
          'RevokeSecurityGroup',
          'RevokeSecurityGroupEgress',
          'DescribeSecurityGroupAttribute',
        ].map((name) => `ecs:${name}`),
      },
      { Effect: 'Allow', Resource: '*', Action: ['vpc:DescribeVSwitches', 'vpc:DescribeVpcs'] },
      { Effect: 'Allow', Resource: '*', Action: ['yundun-hsm:DescribeInstances', 'yundun-hsm:DescribeClusters'] },
      {
        Effect: 'Allow',
        Resource: '*',
        Action: 'ram:DeleteServiceLinkedRole',
        Condition: { StringEquals: { 'ram:ServiceName': SERVICE } },
      },
    ],
  });
  expect((await ids.call(ids.root, 'Ram', 'GetRole', { RoleName: NAME })).Role).toMatchObject({
    IsServiceLinkedRole: true,
    MaxSessionDuration: 3600,
  });
  expect((await ids.call(ids.root, 'ResourceManager', 'GetRole', { RoleName: NAME })).Role).toMatchObject(Role);
});

it('1: the first store of an account makes the role', async () => {
  const ids = await open();
  await store(ids, ids.root);
  expect([(await roleIds(ids)).length, (await stores(ids)).length]).toEqual([1, 1]);
});

it('2: without the right to make the role, neither store nor role', async () => {
  const ids = await open();
  const alice = await ids.user('alice', allow('kms:*'));
  await expect(store(ids, alice)).rejects.toMatchObject({
    code: 'Forbidden.NoPermission',
    status: 403,
    detail: {
      AuthAction: 'ram:CreateServiceLinkedRole',
      AuthResource: `acs:ram:*:${ACCOUNT}:role/*`,
      MissingStatement: expect.stringContaining(`"StringEquals":{"ram:ServiceName":"${SERVICE}"}`),
    },
  });
  expect([await roleIds(ids), await stores(ids)]).toEqual([[], []]);
  const events = (await ids.events()).filter(({ userIdentity }) => userIdentity.userName === 'alice');
  expect(events.map(({ eventName, errorCode }) => [eventName, errorCode])).toEqual([
    ['CreateServiceLinkedRole', 'NoPermission'],
    ['CreateStore', 'Forbidden.NoPermission'],
  ]);
});

it('3: with both rights both are made, the role first, as the caller', async () => {
  const ids = await open();
  const alice = await ids.user('alice', allow('kms:*'), MAY_CREATE);
  await store(ids, alice);
  const events = (await ids.events()).filter(({ userIdentity }) => userIdentity.userName === 'alice');
  expect(events.map(({ eventName, errorCode }) => [eventName, errorCode])).toEqual([
    ['CreateServiceLinkedRole', undefined],
    ['CreateStore', undefined],
  ]);
});

it.each(['Ram', 'ResourceManager'] as const)(
  '4 and 5: a role made by hand through %s is used again',
  async (product) => {
    const ids = await open();
    await ids.call(ids.root, product, 'CreateServiceLinkedRole', { ServiceName: SERVICE });
    const before = await roleIds(ids);
    await store(ids, await ids.user('alice', allow('kms:*')));
    expect([await roleIds(ids), (await stores(ids)).length]).toEqual([before, 1]);
    await expect(createRole(ids)).rejects.toMatchObject({
      code: 'EntityAlreadyExists.Role',
      message: expect.stringContaining(ARN),
    });
  },
);

it('6: two first stores at once, one role', async () => {
  const ids = await open();
  await Promise.all(['kst-1', 'kst-2', 'kst-3'].map((id) => store(ids, ids.root, id)));
  expect([(await roleIds(ids)).length, (await stores(ids)).length]).toEqual([1, 3]);
});

it('7: a creation that fails after the role was made does not break the next', async () => {
  const ids = await open();
  await expect(store(ids, ids.root, 'kst-1', { BadCertificate: 'true' })).rejects.toMatchObject({
    code: 'InvalidSecurityDomainCertificate',
  });
  await store(ids, ids.root);
  expect([(await roleIds(ids)).length, (await stores(ids)).length]).toEqual([1, 1]);
});

it('8 and 14: a store in any region holds the role, and is named', async () => {
  const ids = await open();
  await store(ids, ids.root, 'kst-1', {}, 'cn-beijing');
  const ended = await deletion(ids);
  expect(ended).toEqual({
    DeletionTaskId: expect.stringMatching(new RegExp(`^task/acs-service-role/${SERVICE}/${NAME}/[0-9a-f-]{36}$`)),
    Status: 'FAILED',
    Reason: {
      Message: `Service-Linked Role ${ARN} cannot be deleted as it is in use by ${SERVICE}.`,
      RoleUsages: {
        RoleUsage: [
          { Region: 'cn-beijing', Resources: { Resource: [`acs:kms:cn-beijing:${ACCOUNT}:keystore/kst-1`] } },
        ],
      },
    },
  });
  expect(await roleIds(ids)).toHaveLength(1);
  const event = (await ids.events()).find(({ eventName }) => eventName === 'ServiceLinkedRoleDeletionFinished');
  expect(event).toMatchObject({
    eventType: 'AliyunServiceEvent',
    additionalEventData: { Status: 'FAILED', DeletionTaskId: ended.DeletionTaskId },
  });
});

it('9: a store made while the task is checking never ends up without a role', async () => {
  let creating: Promise<unknown> | undefined;
  const probe: UsageProbe = async (read, account, role) => {
    const usages = await keyStoreUsage(read, account, role);
    creating ??= store(ids, ids.root);
    return usages;
  };
  const ids = await open({ usageProbes: { [SERVICE]: probe } });
  await createRole(ids);
  const [before] = await roleIds(ids);
  expect((await deletion(ids)).Status).toBe('SUCCEEDED');
  await creating;
  const after = await roleIds(ids);
  expect(after).toHaveLength(1);
  expect(after).not.toContain(before);
  expect(await stores(ids)).toHaveLength(1);
});

it('10 and 12: without stores the role goes; the next store makes another of that name', async () => {
  const ids = await open();
  await store(ids, ids.root);
  const [before] = await roleIds(ids);
  await removeStores(ids);
  const ended = await deletion(ids);
  expect(ended.Status).toBe('SUCCEEDED');
  expect(ended).not.toHaveProperty('Reason');
  expect(await roleIds(ids)).toEqual([]);
  await expect(ids.call(ids.root, 'Ram', 'GetRole', { RoleName: NAME })).rejects.toMatchObject({ status: 404 });
  await store(ids, ids.root);
  const [after] = await roleIds(ids);
  expect(after).not.toBe(before);
  expect((await ids.call(ids.root, 'Ram', 'GetRole', { RoleName: NAME })).Role.Arn).toBe(ARN);
});

it('11: the service’s sessions end with the role', async () => {
  const ids = await open();
  await createRole(ids);
  const session = await ids.services.assume(SERVICE, ACCOUNT, ARN, 'kms-keystore');
  const who = () => ids.services.call(session, 'cn-hangzhou', 'Sts', 'GetCallerIdentity', {});
  expect(await who()).toMatchObject({ IdentityType: 'AssumedRoleUser' });
  const [told] = (await ids.events()).filter(({ eventName }) => eventName === 'GetCallerIdentity');
  expect(told).toMatchObject({
    sourceIpAddress: 'Internal',
    userIdentity: { type: 'assumed-role', userName: `${NAME.toLowerCase()}:kms-keystore` },
    additionalEventData: { invokedBy: SERVICE, serviceLinkedRole: 'true' },
  });
  expect((await deletion(ids)).Status).toBe('SUCCEEDED');
  await expect(who()).rejects.toMatchObject({ code: 'InvalidSecurityToken.Expired' });
  await createRole(ids);
  await expect(who()).rejects.toMatchObject({ code: 'InvalidSecurityToken.Expired' });
});

it('11, the service may do what its policy says, its own deletion included, and no more', async () => {
  const ids = await open();
  await createRole(ids);
  const session = await ids.services.assume(SERVICE, ACCOUNT, ARN, 'kms-keystore');
  const call = (name: string, values: Record<string, string>) =>
    ids.services.call(session, 'cn-hangzhou', 'Ram', name, values);
  await expect(call('CreateUser', { UserName: 'mallory' })).rejects.toMatchObject({ code: 'NoPermission' });
  await expect(call('GetRole', { RoleName: NAME })).rejects.toMatchObject({ code: 'NoPermission' });
  expect(await call('DeleteServiceLinkedRole', { RoleName: NAME })).toHaveProperty('DeletionTaskId');
  await ids.settle();
  expect(await roleIds(ids)).toEqual([]);
});

it('13: a store without its role is told which role is missing, and a role made by hand mends it', async () => {
  const ids = await open();
  await store(ids, ids.root);
  const [roleId] = await roleIds(ids);
  await ids.storage.transaction(async (tx) => void (await tx.remove(ROLES, PLACE, roleId!)));
  const assume = () => ids.services.assume(SERVICE, ACCOUNT, ARN, 'kms-keystore');
  await expect(assume()).rejects.toMatchObject({ code: 'EntityNotExist.Role' });
  await createRole(ids);
  await assume();
});

it('answers a second deletion with the running task, and the next one with a new', async () => {
  const ids = await open();
  await store(ids, ids.root);
  const ask = async () =>
    (await ids.call(ids.root, 'Ram', 'DeleteServiceLinkedRole', { RoleName: NAME.toLowerCase() })).DeletionTaskId;
  const first = await ask();
  expect(await status(ids, first)).toEqual({ Status: 'NOT_STARTED' });
  expect(await ask()).toBe(first);
  await ids.settle();
  expect((await status(ids, first)).Status).toBe('FAILED');
  expect(await ask()).not.toBe(first);
  await ids.settle();
});

const away = async (): Promise<never> => {
  throw new Error('away');
};
/** A statement that the database refuses, after which it takes no more in that transaction. */
const refusedByDatabase = async (read: Reader) => {
  await read.list(KEY_STORES, PLACE, { limit: 'many' as never });
  return expect.unreachable();
};
it.each<[string, UsageProbe | undefined, number]>([
  ['has no probe', undefined, 0],
  ['throws', away, 3],
  ['fails in the database', refusedByDatabase, 3],
])('never takes a service that cannot answer for one that does not need the role: %s', async (_, probe, times) => {
  let asked = 0;
  const counted: UsageProbe = (...args) => {
    asked += 1;
    return probe!(...args);
  };
  const ids = await open({ usageProbes: probe === undefined ? {} : { [SERVICE]: counted } });
  await createRole(ids);
  const ended = await deletion(ids);
  expect(ended).toMatchObject({ Status: 'INTERNAL_ERROR' });
  expect(asked).toBe(times);
  expect(await roleIds(ids)).toHaveLength(1);
  const finished = (await ids.events()).filter(({ eventName }) => eventName === 'ServiceLinkedRoleDeletionFinished');
  expect(finished).toMatchObject([{ additionalEventData: { Status: 'INTERNAL_ERROR' } }]);
  expect((await deletion(ids)).DeletionTaskId).not.toBe(ended.DeletionTaskId);
});

it('keeps the outcome readable for more than 90 days, and not for ever', async () => {
  const ids = await open();
  await createRole(ids);
  const { DeletionTaskId } = await deletion(ids);
  ids.advance(170 * DAY_MS);
  await ids.settle();
  expect((await status(ids, DeletionTaskId)).Status).toBe('SUCCEEDED');
  ids.advance(11 * DAY_MS);
  await ids.settle();
  await expect(status(ids, DeletionTaskId)).rejects.toMatchObject({
    code: 'EntityNotExist.ServiceLinkedRole.DeletionTask',
    status: 404,
  });
});

const changed = { RoleName: NAME };
it.each([
  ['DeleteRole', changed, 'ImmutableRole.ServiceLinked', 403],
  ['UpdateRole', { ...changed, NewDescription: 'mine' }, 'ImmutableRole.ServiceLinked', 403],
  ['UpdateRole', { ...changed, NewMaxSessionDuration: '7200' }, 'ImmutableRole.ServiceLinked', 403],
  [
    'UpdateRole',
    { ...changed, NewAssumeRolePolicyDocument: trust({ RAM: `acs:ram::${ACCOUNT}:root` }) },
    'ImmutableRole.ServiceLinked',
    403,
  ],
  ['UpdateRole', { ...changed, NewMaxSessionDuration: '3600' }, 'OK', 200],
  [
    'AttachPolicyToRole',
    { ...changed, PolicyType: 'System', PolicyName: 'AdministratorAccess' },
    'ImmutableRole.ServiceLinked',
    403,
  ],
  [
    'DetachPolicyFromRole',
    { ...changed, PolicyType: 'System', PolicyName: POLICY },
    'ImmutableRole.ServiceLinked',
    403,
  ],
  [
    'AttachPolicyToUser',
    { UserName: 'bob', PolicyType: 'System', PolicyName: POLICY },
    'ReservedPolicy.ServiceLinkedRole',
    403,
  ],
  ['DeletePolicy', { PolicyName: POLICY }, 'EntityNotExist.Policy', 404],
  ['CreatePolicyVersion', { PolicyName: POLICY, PolicyDocument: '{}' }, 'EntityNotExist.Policy', 404],
  [
    'CreateRole',
    { RoleName: NAME.toUpperCase(), AssumeRolePolicyDocument: trust({ Service: SERVICE }) },
    'ReservedName.ServiceLinkedRole',
    403,
  ],
  [
    'CreateServiceLinkedRole',
    { ServiceName: SERVICE, CustomSuffix: 'x' },
    'InvalidParameter.CustomSuffix.NotAllowed',
    400,
  ],
  [
    'CreateServiceLinkedRole',
    { ServiceName: SERVICE, CustomSuffix: 'x_y' },
    'InvalidParameter.CustomSuffix.InvalidChars',
    400,
  ],
  [
    'CreateServiceLinkedRole',
    { ServiceName: SERVICE, Description: 'x' },
    'InvalidParameter.Description.NotAllowed',
    400,
  ],
  ['CreateServiceLinkedRole', { ServiceName: 'none.aliyuncs.com' }, 'EntityNotExist.Service', 404],
  ['CreateServiceLinkedRole', {}, 'MissingServiceName', 400],
  [
    'GetServiceLinkedRoleDeletionStatus',
    { DeletionTaskId: 'task/short' },
    'InvalidParameter.DeletionTaskId.Length',
    400,
  ],
  ['GetServiceLinkedRoleDeletionStatus', { DeletionTaskId: 'x'.repeat(30) }, 'InvalidParameter.DeletionTaskId', 400],
  [
    'GetServiceLinkedRoleDeletionStatus',
    { DeletionTaskId: `task/acs-service-role/${SERVICE}/${NAME}/0` },
    'EntityNotExist.ServiceLinkedRole.DeletionTask',
    404,
  ],
] as const)('%s %j: %s', async (operation, values, code, expected) => {
  const ids = await open();
  await createRole(ids);
  await ids.call(ids.root, 'Ram', 'CreateUser', { UserName: 'bob' });
  const shown = await ids.call(ids.root, 'Ram', 'GetRole', { RoleName: NAME });
  // Allowed by policy, then refused: immutability is a matter of state, not of permission.
  const admin = await ids.user('admin', allow('*'));
  const outcome = await ids.call(admin, 'Ram', operation, values).then(
    () => ({ code: 'OK', status: 200 }),
    (fault: Seen) => fault,
  );
  expect(outcome).toMatchObject({ code, status: expected });
  expect(await ids.call(ids.root, 'Ram', 'GetRole', { RoleName: NAME })).toEqual(shown);
});

it('names role and policy of every row of the catalogue alike', () => {
  for (const [service, row] of Object.entries(LINKED_ROLES)) {
    expect(row.serviceName).toBe(service);
    expect(row.roleName.replace('AliyunServiceRoleFor', '')).toBe(
      row.policy.policyName.replace('AliyunServiceRolePolicyFor', ''),
    );
    expect(row.roleName.length).toBeLessThanOrEqual(64);
  }
});
