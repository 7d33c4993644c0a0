/** What goes wrong with private key stores, as clients see it; every case on real tokens. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOwnerCa } from '../../src/cli/quickstart/owner-ca.ts';
import { createUser, MAY_CREATE_STORE_ROLE, USE_KMS } from '../support/access.ts';
import { startTestServer, type TestServer } from '../support/coffer.ts';
import {
  connect,
  deleteRole,
  disconnect,
  makeCluster,
  makeNetwork,
  storeOf,
  storeOver,
  type TestCluster,
  type TestNetwork,
} from '../support/key-store.ts';
import { type Answer, type Call, genericCall, popCall, refusalOf } from '../support/sdk.ts';

let server: TestServer;
let root: Call;
let network: TestNetwork;
let cluster: TestCluster;
beforeAll(async () => {
  server = await startTestServer();
  root = genericCall({ server });
  network = await makeNetwork(root);
  cluster = await makeCluster(root, network, { members: 1 });
});
afterAll(() => server.close());

const REGION = { RegionId: 'cn-hangzhou' };
const codeOf = async (call: Promise<unknown>): Promise<string> => (await refusalOf(call)).code;
const create = (changes: Record<string, string> = {}) =>
  root('Kms', 'CreateKeyStore', { ...storeOver(cluster, 'refused'), ...changes });
const stores = async (): Promise<Answer[]> => (await root('Kms', 'DescribeKeyStores')).KeyStores.KeyStore;
const networkParts = async (): Promise<number[]> => {
  const groups = await root('Ecs', 'DescribeSecurityGroups', REGION);
  const interfaces = await root('Ecs', 'DescribeNetworkInterfaces', REGION);
  return [groups.TotalCount, interfaces.TotalCount];
};

it.each([
  ['Kms', 'CreateKeyStore'],
  ['Kms', 'UpdateKeyStore'],
  ['Hsm', 'CreateHsmUser'],
  ['Hsm', 'ChangeHsmUserPassword'],
] as const)('takes the password of %s %s by POST only: a URL is no place for one', async (product, action) => {
  const refused = await refusalOf(genericCall({ server }, { method: 'GET' })(product, action, {}));
  expect(refused).toMatchObject({ code: 'UnsupportedHTTPMethod', status: 403 });
  expect(refused.message).toContain('Use POST');
  expect(await codeOf(root(product, action, {}))).not.toBe('UnsupportedHTTPMethod');
});

describe('CreateKeyStore', () => {
  it('takes the certificate of this cluster only', async () => {
    const other = await createOwnerCa();
    const wrong = [
      other.certificate,
      'no certificate',
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
      `${cluster.owner.certificate}\n${other.certificate}`,
    ];
    for (const SecurityDomainCertificate of wrong) {
      expect(await refusalOf(create({ SecurityDomainCertificate }))).toMatchObject({
        code: 'InvalidSecurityDomainCertificate',
        status: 400,
      });
    }
    expect(await stores()).toEqual([]);
  });

  it.each([
    [{ KeyStoreName: '' }, /^(MissingParameter|InvalidParameter)$/, 400],
    [{ KeyStoreName: 'with blanks' }, /^InvalidParameter$/, 400],
    [{ KeyStoreName: 'x'.repeat(129) }, /^InvalidParameter$/, 400],
    [{ KeyStorePassword: 'short' }, /^InvalidParameter$/, 400],
    [{ KeyStorePassword: 'x'.repeat(33) }, /^InvalidParameter$/, 400],
    [{ KeyStorePassword: 'pa ss wörd1' }, /^InvalidParameter$/, 400],
    [{ KeyStoreType: 'EXTERNAL' }, /^InvalidParameter$/, 400],
    [{ HsmClusterId: 'cluster-none' }, /^Forbidden\.HsmClusterNotFound$/, 404],
  ])('refuses %o', async (changes, code, status) => {
    const refused = await refusalOf(create(changes as Record<string, string>));
    expect(refused.code).toMatch(code);
    expect(refused.status).toBe(status);
    expect(refused.data.Message).not.toContain('x'.repeat(33));
    expect(await stores()).toEqual([]);
  });

  it('needs an initialised cluster', async () => {
    const fresh = await makeCluster(root, network, { members: 1, initialise: false });
    const changes = { HsmClusterId: fresh.clusterId, SecurityDomainCertificate: fresh.owner.certificate };
    expect(await refusalOf(create(changes))).toMatchObject({ code: 'Rejected.HsmClusterNotInitialized', status: 409 });
  });

  it('makes one role and one store for two creators at once', async () => {
    const before = await root('Ram', 'ListRoles');
    const user = await createUser(server, 'racer', [USE_KMS, MAY_CREATE_STORE_ROLE]);
    const call = popCall({ server, key: user.key });
    const outcomes = await Promise.allSettled(
      ['race-1', 'race-2', 'race-3'].map((name) => call('Kms', 'CreateKeyStore', storeOver(cluster, name))),
    );
    const made = outcomes.filter((outcome) => outcome.status === 'fulfilled');
    expect(made).toHaveLength(1);
    const codes = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.code] : []));
    expect(codes).toEqual(['Rejected.HsmClusterInUse', 'Rejected.HsmClusterInUse']);
    const [store, ...more] = await stores();
    expect(more).toEqual([]);
    const { Roles } = await root('Ram', 'ListRoles');
    const names = Roles.Role.map(({ RoleName }: Answer) => RoleName);
    expect(names.filter((name: string) => name === 'AliyunServiceRoleForKMSKeyStore')).toHaveLength(1);
    expect(before.Roles.Role.length).toBeLessThanOrEqual(names.length);
    await root('Kms', 'DeleteKeyStore', { KeyStoreId: store.KeyStoreId });
  });

  it('answers the same to the same client token', async () => {
    const first = await create({ KeyStoreName: 'token', ClientToken: 'one' });
    const second = await create({ KeyStoreName: 'token', ClientToken: 'one' });
    expect(second.KeyStoreId).toBe(first.KeyStoreId);
    expect(await codeOf(create({ KeyStoreName: 'token-2', ClientToken: 'one' }))).toBe('IdempotentParameterMismatch');
    await root('Kms', 'DeleteKeyStore', { KeyStoreId: first.KeyStoreId });
    expect(await stores()).toEqual([]);
  });
});

describe('ConnectKeyStore', () => {
  let storeId: string;
  const failure = async (): Promise<string> => {
    const store = await connect(root, storeId);
    expect(store.ConnectionState).toBe('Failed');
    expect(store.ConnectionErrorMessage).toMatch(/\S/);
    expect(JSON.stringify(store)).not.toContain(cluster.password);
    return store.ConnectionErrorCode;
  };

  it('fails with a wrong password, and only a disconnected store takes another', async () => {
    storeId = (await create({ KeyStoreName: 'connecting', KeyStorePassword: 'not-the-password' })).KeyStoreId;
    expect(await failure()).toBe('InvalidCredentials');
    const right = { KeyStoreId: storeId, KeyStorePassword: cluster.password };
    expect(await refusalOf(root('Kms', 'ConnectKeyStore', { KeyStoreId: storeId }))).toMatchObject({
      code: 'Rejected.KeyStoreStateInvalid',
      status: 409,
    });
    expect(await codeOf(root('Kms', 'UpdateKeyStore', right))).toBe('Rejected.KeyStoreStateInvalid');
    expect(await codeOf(root('Kms', 'DeleteKeyStore', { KeyStoreId: storeId }))).toBe('Rejected.KeyStoreStateInvalid');
    expect((await disconnect(root, storeId)).ConnectionState).toBe('Disconnected');
    await root('Kms', 'UpdateKeyStore', right);
    const store = await connect(root, storeId);
    expect(store.ConnectionState).toBe('Connected');
    expect(store).not.toHaveProperty('ConnectionErrorCode');
    await disconnect(root, storeId);
  });

  it('locks the user out after too many wrong passwords; the officer unlocks it', async () => {
    const password = (KeyStorePassword: string) =>
      root('Kms', 'UpdateKeyStore', { KeyStoreId: storeId, KeyStorePassword });
    await password('wrong-password');
    const codes: string[] = [];
    for (let attempt = 0; attempt < 6; attempt += 1) {
      codes.push(await failure());
      await disconnect(root, storeId);
    }
    expect(codes[0]).toBe('InvalidCredentials');
    expect(codes.at(-1)).toBe('UserLockedOut');
    await password(cluster.password);
    expect(await failure()).toBe('UserLockedOut');
    await disconnect(root, storeId);
    await root('Hsm', 'ChangeHsmUserPassword', {
      ...REGION,
      InstanceId: cluster.instanceIds[0],
      UserName: 'kmsuser',
      Password: cluster.password,
    });
    expect((await connect(root, storeId)).ConnectionState).toBe('Connected');
    await disconnect(root, storeId);
  });

  it('fails when the whitelist of the cluster lets it not in', async () => {
    const whitelist = (IpWhiteList: string) =>
      root('Hsm', 'ConfigureCluster', { ...REGION, ClusterId: cluster.clusterId, IpWhiteList });
    await whitelist('192.0.2.0/24');
    expect(await failure()).toBe('WhitelistDenied');
    await disconnect(root, storeId);
    await whitelist('10.0.1.0/24,10.0.2.0/24');
    expect((await connect(root, storeId)).ConnectionState).toBe('Connected');
    await disconnect(root, storeId);
  });

  it('finds its role, which the store keeps from going', async () => {
    expect((await deleteRole(root)).Status).toBe('FAILED');
    expect((await connect(root, storeId)).ConnectionState).toBe('Connected');
    await disconnect(root, storeId);
    await root('Kms', 'DeleteKeyStore', { KeyStoreId: storeId });
  });
});

it('makes nothing in a network without a free address', async () => {
  const tight = await makeNetwork(root, 29);
  const full = await makeCluster(root, tight, { members: 1 });
  const { SecurityGroupId } = await root('Ecs', 'CreateSecurityGroup', { ...REGION, VpcId: tight.vpcId });
  for (const VSwitchId of tight.vSwitchIds) {
    let free = true;
    while (free) {
      free = await root('Ecs', 'CreateNetworkInterface', { ...REGION, VSwitchId, SecurityGroupId }).then(
        () => true,
        () => false,
      );
    }
  }
  const { KeyStoreId } = await root('Kms', 'CreateKeyStore', storeOver(full, 'no-address'));
  const before = await networkParts();
  const store = await connect(root, KeyStoreId);
  expect([store.ConnectionState, store.ConnectionErrorCode]).toEqual(['Failed', 'InsufficientFreeAddresses']);
  expect(await networkParts()).toEqual(before);
  await disconnect(root, KeyStoreId);
  await root('Kms', 'DeleteKeyStore', { KeyStoreId });
});

it('is connected again after the server was stopped in the middle of connecting', async () => {
  const { KeyStoreId } = await create({ KeyStoreName: 'interrupted' });
  await root('Kms', 'ConnectKeyStore', { KeyStoreId });
  await server.restart();
  root = genericCall({ server });
  const end = performance.now() + 30_000;
  let store = await storeOf(root, KeyStoreId);
  while (store.ConnectionState === 'Connecting' && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    store = await storeOf(root, KeyStoreId);
  }
  expect(store.ConnectionState).toBe('Connected');
  expect(store.NetworkInterfaceIds.NetworkInterfaceId).toHaveLength(2);
});
