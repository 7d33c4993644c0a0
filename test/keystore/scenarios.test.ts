/** The test scenarios of hsm-clusters.md section 20, on real tokens through the whole pipeline. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HSM_INSTANCES } from '../../src/domain/hsm-service/instance.ts';
import type { ProductName } from '../../src/domain/products.ts';
import { makeOwner } from '../support/owner.ts';
import { openTestPipeline, type TestPipeline } from '../support/pipeline.ts';
import { type ClusterRig, type ClusterWish, HSMS, makeCluster, PASSWORD, REGION } from './cluster-rig.ts';

let pipeline: TestPipeline;
beforeAll(async () => {
  pipeline = await openTestPipeline(HSMS);
});
afterAll(() => pipeline.close());

type Answer = Record<string, unknown>;
const kms = (operation: string, values: Record<string, string> = {}): Promise<Answer> =>
  pipeline.call(pipeline.root, 'Kms', operation, values);
const code = (operation: string, values: Record<string, string> = {}, product: ProductName = 'Kms'): Promise<string> =>
  pipeline.codeOf(pipeline.root, product, operation, values);
const hsm = (operation: string, values: Record<string, string>): Promise<Answer> =>
  pipeline.call(pipeline.root, 'Hsm', operation, { RegionId: REGION, ...values });

async function describeStore(KeyStoreId: string): Promise<Answer> {
  return (await kms('DescribeKeyStore', { KeyStoreId })).KeyStore as Answer;
}

/** Waits until the store is in none of the passing states. */
async function settled(KeyStoreId: string): Promise<Answer> {
  for (;;) {
    const store = await describeStore(KeyStoreId);
    if (store.ConnectionState !== 'Connecting' && store.ConnectionState !== 'Disconnecting') return store;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

let made = 0;
function wishFor(rig: ClusterRig, changes: Record<string, string> = {}): Record<string, string> {
  made += 1;
  return {
    KeyStoreName: `store-${made}`,
    HsmClusterId: rig.clusterId,
    KeyStorePassword: PASSWORD,
    SecurityDomainCertificate: rig.owner.certificate,
    ...changes,
  };
}

async function createStore(rig: ClusterRig, changes: Record<string, string> = {}): Promise<string> {
  return (await kms('CreateKeyStore', wishFor(rig, changes))).KeyStoreId as string;
}

async function connect(KeyStoreId: string): Promise<Answer> {
  expect(await kms('ConnectKeyStore', { KeyStoreId })).toEqual({ ConnectionState: 'Connecting' });
  return settled(KeyStoreId);
}

async function disconnect(KeyStoreId: string): Promise<Answer> {
  expect(await kms('DisconnectKeyStore', { KeyStoreId })).toEqual({ ConnectionState: 'Disconnecting' });
  return settled(KeyStoreId);
}

async function createKey(DKMSInstanceId: string): Promise<string> {
  const { KeyMetadata } = await kms('CreateKey', { DKMSInstanceId });
  return (KeyMetadata as { KeyId: string }).KeyId;
}

const encrypt = async (KeyId: string): Promise<string> =>
  (await kms('Encrypt', { KeyId, Plaintext: 'aGVsbG8=' })).CiphertextBlob as string;
const decrypt = async (CiphertextBlob: string): Promise<unknown> =>
  (await kms('Decrypt', { CiphertextBlob })).Plaintext;

async function deviceOf(hsmId: string): Promise<string> {
  const place = { account: pipeline.account, region: REGION };
  return (await pipeline.coffer.storage.reader.get(HSM_INSTANCES, place, hsmId))!.deviceId;
}

const parts = async (): Promise<{ groups: string[]; interfaces: string[] }> => {
  const groups = await pipeline.call(pipeline.root, 'Ecs', 'DescribeSecurityGroups', { RegionId: REGION });
  const interfaces = await pipeline.call(pipeline.root, 'Ecs', 'DescribeNetworkInterfaces', { RegionId: REGION });
  const ids = (list: unknown, element: string, id: string): string[] =>
    (list as Record<string, Record<string, string>[]>)[element]!.map((one) => one[id]!);
  return {
    groups: ids(groups.SecurityGroups, 'SecurityGroup', 'SecurityGroupId'),
    interfaces: ids(interfaces.NetworkInterfaceSets, 'NetworkInterfaceSet', 'NetworkInterfaceId'),
  };
};

/** What the doctor says of the store. */
const diagnosis = async (store: string) =>
  (await pipeline.coffer.examine()).filter(({ what }) => what === `key store ${store}`);

const cluster = (wish: ClusterWish = {}): Promise<ClusterRig> => makeCluster(pipeline, pipeline.root, wish);

describe('what is refused before there is a store', () => {
  it('1: a cluster that is not initialised', async () => {
    const rig = await cluster({ uninitialised: true, size: 1 });
    expect(await code('CreateKeyStore', wishFor(rig))).toBe('Rejected.HsmClusterNotInitialized');
    expect(await code('CreateKeyStore', wishFor(rig, { HsmClusterId: 'cluster-none' }))).toBe(
      'Forbidden.HsmClusterNotFound',
    );
  });

  it('2: the certificate of another cluster', async () => {
    const rig = await cluster({ size: 1 });
    const other = { SecurityDomainCertificate: makeOwner().certificate };
    expect(await code('CreateKeyStore', wishFor(rig, other))).toBe('InvalidSecurityDomainCertificate');
    expect(await code('CreateKeyStore', wishFor(rig, { SecurityDomainCertificate: 'x' }))).toBe(
      'InvalidSecurityDomainCertificate',
    );
  });
});

describe('the life of a store', () => {
  let rig: ClusterRig;
  let store: string;
  beforeAll(async () => {
    rig = await cluster();
    store = await createStore(rig, { ClientToken: 'first', Description: 'words' });
  });

  it('3: is made disconnected; no key can be made in it', async () => {
    const shown = await describeStore(store);
    expect(shown).toMatchObject({
      KeyStoreId: store,
      Arn: `acs:kms:${REGION}:${pipeline.account}:keystore/${store}`,
      Description: 'words',
      KeyStoreType: 'HSM_CLUSTER',
      Creator: pipeline.account,
      ConnectionState: 'Disconnected',
      HsmClusterId: rig.clusterId,
      HsmUserName: 'kmsuser',
      SecurityDomainCertificate: rig.owner.certificate,
      HsmNum: 0,
      AvailableHsmNum: 0,
      KeyNum: 0,
      VpcId: '',
      ZoneIds: { ZoneId: [] },
      VSwitchIds: { VSwitchId: [] },
      SecurityGroupId: '',
      NetworkInterfaceIds: { NetworkInterfaceId: [] },
      Members: { Member: [] },
      RemainingResources: { RemainingResource: [] },
    });
    expect(store).toMatch(/^kst-hzz[0-9a-f]{8}[a-z0-9]{10}$/);
    for (const absent of ['ConnectionErrorCode', 'LastConnectedTime', 'KeyStorePassword']) {
      expect(shown).not.toHaveProperty(absent);
    }
    expect(await code('CreateKey', { DKMSInstanceId: store })).toBe('Rejected.KeyStoreDisconnected');
    expect(await code('DisconnectKeyStore', { KeyStoreId: store })).toBe('Rejected.KeyStoreStateInvalid');
  });

  it('refuses a second store on the cluster, a second store of the name, and answers a repeated token again', async () => {
    expect(await code('CreateKeyStore', wishFor(rig))).toBe('Rejected.HsmClusterInUse');
    const name = (await describeStore(store)).KeyStoreName as string;
    const other = await cluster({ size: 1 });
    expect(await code('CreateKeyStore', wishFor(other, { KeyStoreName: name }))).toBe('Rejected.ResourceExist');
    const again = {
      KeyStoreName: name,
      HsmClusterId: rig.clusterId,
      KeyStorePassword: PASSWORD,
      SecurityDomainCertificate: rig.owner.certificate,
      ClientToken: 'first',
      Description: 'words',
    };
    expect(await kms('CreateKeyStore', again)).toMatchObject({ KeyStoreId: store, ConnectionState: 'Disconnected' });
    expect(await code('CreateKeyStore', { ...again, Description: 'others' })).toBe('IdempotentParameterMismatch');
  });

  it('is found by each filter, and by none that does not fit', async () => {
    const name = (await describeStore(store)).KeyStoreName as string;
    const found = async (filter: Record<string, string>): Promise<unknown[]> => {
      const answer = await kms('DescribeKeyStores', filter);
      const list = (answer.KeyStores as { KeyStore: Answer[] }).KeyStore.map((one) => one.KeyStoreId);
      expect(answer.TotalCount).toBe(list.length);
      return list;
    };
    for (const filter of [
      { KeyStoreId: store },
      { KeyStoreName: name },
      { HsmClusterId: rig.clusterId },
      { ConnectionState: 'Disconnected', KeyStoreName: name },
    ]) {
      expect(await found(filter as unknown as Record<string, string>)).toEqual([store]);
    }
    expect(await found({ KeyStoreName: 'none' })).toEqual([]);
    expect(await found({ KeyStoreId: store, ConnectionState: 'Failed' })).toEqual([]);
    expect(await kms('DescribeKeyStores', { PageNumber: '9', PageSize: '1' })).toMatchObject({
      KeyStores: { KeyStore: [] },
      PageNumber: 9,
      PageSize: 1,
    });
  });

  it('connects; keys work, also from the other HSM when one is killed', async () => {
    const shown = await connect(store);
    expect(shown).toMatchObject({
      ConnectionState: 'Connected',
      VpcId: rig.vpcId,
      VSwitchIds: { VSwitchId: rig.vSwitchIds },
      ZoneIds: { ZoneId: [`${REGION}-a`, `${REGION}-b`] },
      HsmNum: 2,
      AvailableHsmNum: 2,
      Members: { Member: [{ InstanceId: rig.hsmIds[0] }, { InstanceId: rig.hsmIds[1] }] },
    });
    expect((shown.NetworkInterfaceIds as { NetworkInterfaceId: string[] }).NetworkInterfaceId).toHaveLength(2);
    expect(await kms('ConnectKeyStore', { KeyStoreId: store })).toEqual({ ConnectionState: 'Connected' });
    const key = await createKey(store);
    const blob = await encrypt(key);
    const { pid } = pipeline.coffer.devices.status(await deviceOf(rig.hsmIds[0]!));
    process.kill(pid!, 'SIGKILL');
    for (let call = 0; call < 10; call += 1) expect(await decrypt(blob)).toBe('aGVsbG8=');
    expect((await kms('DescribeKey', { KeyId: key })).KeyMetadata).toMatchObject({
      DKMSInstanceId: store,
      ProtectionLevel: 'HSM',
      KeyState: 'Enabled',
    });
  });

  it('is named by its ARN as well as by its id, and by no ARN of another place', async () => {
    const arn = (await describeStore(store)).Arn as string;
    expect(await describeStore(arn)).toMatchObject({ KeyStoreId: store });
    const key = await createKey(arn);
    const Filters = JSON.stringify([{ Key: 'DKMSInstanceId', Values: [arn] }]);
    expect(((await kms('ListKeys', { Filters })).Keys as { Key: Answer[] }).Key).toContainEqual(
      expect.objectContaining({ KeyId: key }),
    );
    expect(await kms('DescribeKeyStores', { KeyStoreId: arn })).toMatchObject({ TotalCount: 1 });
    for (const wrong of [
      arn.replace(REGION, 'cn-beijing'),
      arn.replace(pipeline.account, '1999999999999999'),
      arn.replace('keystore/', 'key/'),
    ]) {
      expect(await code('DescribeKeyStore', { KeyStoreId: wrong })).toBe('Forbidden.KeyStoreNotFound');
      expect(await code('CreateKey', { DKMSInstanceId: wrong })).toBe('Forbidden.DKMSInstanceNotFound');
      expect(await kms('DescribeKeyStores', { KeyStoreId: wrong })).toMatchObject({ TotalCount: 0 });
    }
  });

  it('10: one HSM paused: no new keys with a quorum of two, old ones work', async () => {
    const key = await createKey(store);
    await hsm('PauseInstance', { InstanceId: rig.hsmIds[1]! });
    expect(await code('CreateKey', { DKMSInstanceId: store })).toBe('Rejected.InsufficientHsms');
    expect(await decrypt(await encrypt(key))).toBe('aGVsbG8=');
    expect(await describeStore(store)).toMatchObject({ ConnectionState: 'Connected', HsmNum: 2, AvailableHsmNum: 1 });
    expect(await diagnosis(store)).toMatchObject([{ state: 'warning', detail: expect.stringContaining('1 of 2') }]);
  });

  it('9: the last HSM paused: 503, and the store stays connected', async () => {
    const key = ((await kms('ListKeys')).Keys as { Key: { KeyId: string }[] }).Key[0]!.KeyId;
    await hsm('PauseInstance', { InstanceId: rig.hsmIds[0]! });
    expect(await code('Encrypt', { KeyId: key, Plaintext: 'eA==' })).toBe('ServiceUnavailableTemporary');
    expect(await describeStore(store)).toMatchObject({ ConnectionState: 'Connected', AvailableHsmNum: 0 });
    expect(await diagnosis(store)).toMatchObject([{ state: 'problem', detail: expect.stringContaining('0 of 2') }]);
    for (const InstanceId of rig.hsmIds) await hsm('ResumeInstance', { InstanceId });
    expect(await decrypt(await encrypt(key))).toBe('aGVsbG8=');
  });

  it('11: a key deleted while an HSM was away does not come back with it', async () => {
    const key = await createKey(store);
    const blob = await encrypt(key);
    await hsm('PauseInstance', { InstanceId: rig.hsmIds[1]! });
    await kms('ScheduleKeyDeletion', { KeyId: key, PendingWindowInDays: '7' });
    pipeline.advance(8 * 24 * 3_600_000);
    while ((await code('DescribeKey', { KeyId: key })) === 'OK')
      await new Promise((resolve) => setTimeout(resolve, 20));
    await hsm('ResumeInstance', { InstanceId: rig.hsmIds[1]! });
    expect(await code('DescribeKey', { KeyId: key })).toBe('Forbidden.KeyNotFound');
    expect(await code('Decrypt', { CiphertextBlob: blob })).not.toBe('OK');
  });

  it('is cut off by a revoked rule, a changed whitelist, and comes back with them', async () => {
    const key = await createKey(store);
    const { SecurityGroupId } = await describeStore(store);
    const rule = {
      RegionId: REGION,
      SecurityGroupId: SecurityGroupId as string,
      'Permissions.1.IpProtocol': 'TCP',
      'Permissions.1.PortRange': '2223/2225',
      'Permissions.1.Policy': 'accept',
    };
    for (const SourceCidrIp of ['10.0.1.0/24', '10.0.2.0/24']) {
      const values = { ...rule, 'Permissions.1.SourceCidrIp': SourceCidrIp };
      await pipeline.call(pipeline.root, 'Ecs', 'RevokeSecurityGroup', values);
    }
    expect(await code('Encrypt', { KeyId: key, Plaintext: 'eA==' })).toBe('ServiceUnavailableTemporary');
    const values = { ...rule, 'Permissions.1.SourceCidrIp': '10.0.1.0/24' };
    await pipeline.call(pipeline.root, 'Ecs', 'AuthorizeSecurityGroup', values);
    expect(await decrypt(await encrypt(key))).toBe('aGVsbG8=');
    await hsm('ConfigureCluster', { ClusterId: rig.clusterId, IpWhiteList: '192.168.0.0/24' });
    expect(await code('Encrypt', { KeyId: key, Plaintext: 'eA==' })).toBe('ServiceUnavailableTemporary');
    await hsm('ConfigureCluster', { ClusterId: rig.clusterId, IpWhiteList: '10.0.1.0/24,10.0.2.0/24' });
    expect(await decrypt(await encrypt(key))).toBe('aGVsbG8=');
  });

  it('12: disconnected, keys are refused and stay Enabled; reconnected, old ciphertexts decrypt', async () => {
    const key = await createKey(store);
    const blob = await encrypt(key);
    const shown = await disconnect(store);
    expect(shown.ConnectionState).toBe('Disconnected');
    expect(shown).toMatchObject({
      VpcId: '',
      ZoneIds: { ZoneId: [] },
      NetworkInterfaceIds: { NetworkInterfaceId: [] },
    });
    const left = (shown.RemainingResources as { RemainingResource: string[] }).RemainingResource;
    expect(left.map((id) => id.split('-')[0])).toEqual(['eni', 'eni', 'sg']);
    expect(await code('Encrypt', { KeyId: key, Plaintext: 'eA==' })).toBe('Rejected.KeyStoreDisconnected');
    expect(await code('Decrypt', { CiphertextBlob: blob })).toBe('Rejected.KeyStoreDisconnected');
    expect((await kms('DescribeKey', { KeyId: key })).KeyMetadata).toMatchObject({ KeyState: 'Enabled' });
    const again = await connect(store);
    expect(again).toMatchObject({ ConnectionState: 'Connected', RemainingResources: { RemainingResource: [] } });
    expect((again.NetworkInterfaceIds as { NetworkInterfaceId: string[] }).NetworkInterfaceId.toSorted()).toEqual(
      left.filter((id) => id.startsWith('eni')).toSorted(),
    );
    expect(await decrypt(blob)).toBe('aGVsbG8=');
  });

  it('goes on after a restart of the program', async () => {
    const key = await createKey(store);
    const blob = await encrypt(key);
    await pipeline.reopen();
    expect(await decrypt(blob)).toBe('aGVsbG8=');
    expect(await describeStore(store)).toMatchObject({ ConnectionState: 'Connected', AvailableHsmNum: 2 });
  });

  it('4: a wrong password fails once and for all; disconnect, update, connect heals it', async () => {
    await disconnect(store);
    await kms('UpdateKeyStore', { KeyStoreId: store, KeyStorePassword: 'wrong-password' });
    expect(await connect(store)).toMatchObject({
      ConnectionState: 'Failed',
      ConnectionErrorCode: 'InvalidCredentials',
      ConnectionErrorMessage: expect.stringContaining('password'),
    });
    expect(await diagnosis(store)).toMatchObject([
      { state: 'problem', detail: expect.stringMatching(/^Failed: InvalidCredentials/) },
    ]);
    expect(await code('ConnectKeyStore', { KeyStoreId: store })).toBe('Rejected.KeyStoreStateInvalid');
    expect(await code('UpdateKeyStore', { KeyStoreId: store, KeyStorePassword: PASSWORD })).toBe(
      'Rejected.KeyStoreStateInvalid',
    );
    const back = await disconnect(store);
    expect(back).not.toHaveProperty('ConnectionErrorCode');
    await kms('UpdateKeyStore', { KeyStoreId: store, KeyStorePassword: PASSWORD });
    expect((await connect(store)).ConnectionState).toBe('Connected');
  });

  it('5: five wrong connects lock the user; an officer sets the password anew', async () => {
    await disconnect(store);
    await kms('UpdateKeyStore', { KeyStoreId: store, KeyStorePassword: 'wrong-password' });
    const codes: unknown[] = [];
    for (let attempt = 0; attempt < 6; attempt += 1) {
      codes.push((await connect(store)).ConnectionErrorCode);
      await disconnect(store);
    }
    expect(codes).toEqual([...Array.from({ length: 5 }, () => 'InvalidCredentials'), 'UserLockedOut']);
    await kms('UpdateKeyStore', { KeyStoreId: store, KeyStorePassword: PASSWORD });
    expect((await connect(store)).ConnectionErrorCode).toBe('UserLockedOut');
    await disconnect(store);
    const values = { InstanceId: rig.hsmIds[0]!, UserName: 'kmsuser', Password: PASSWORD };
    await hsm('ChangeHsmUserPassword', values);
    expect((await connect(store)).ConnectionState).toBe('Connected');
  });

  it('16: an unrelated cluster is refused, a name may change in any state', async () => {
    const other = await cluster({ size: 1 });
    const update = { KeyStoreId: store, HsmClusterId: other.clusterId };
    expect(await code('UpdateKeyStore', update)).toBe('Rejected.KeyStoreStateInvalid');
    await kms('UpdateKeyStore', { KeyStoreId: store, NewKeyStoreName: 'renamed', Description: '' });
    expect(await describeStore(store)).toMatchObject({ KeyStoreName: 'renamed', Description: '' });
    await disconnect(store);
    expect(await code('UpdateKeyStore', update)).toBe('Rejected.HsmClusterNotRelated');
    const sibling = await cluster({ size: 1, owner: rig.owner });
    await kms('UpdateKeyStore', { KeyStoreId: store, HsmClusterId: sibling.clusterId });
    // The right owner, but not the cluster that holds the store's keys.
    expect(await connect(store)).toMatchObject({
      ConnectionState: 'Failed',
      ConnectionErrorCode: 'SecurityDomainCertificateMismatch',
    });
    await disconnect(store);
    await kms('UpdateKeyStore', { KeyStoreId: store, HsmClusterId: rig.clusterId });
    expect((await connect(store)).ConnectionState).toBe('Connected');
  });

  it('14, 13, 17: is deleted only disconnected and empty, and then tells what stays', async () => {
    expect(await code('DeleteKeyStore', { KeyStoreId: store })).toBe('Rejected.KeyStoreStateInvalid');
    const keys = ((await kms('ListKeys', { PageSize: '100' })).Keys as { Key: { KeyId: string }[] }).Key;
    await disconnect(store);
    expect(await code('DeleteKeyStore', { KeyStoreId: store })).toBe('Rejected.KeyStoreNotEmpty');
    for (const { KeyId } of keys) await kms('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: '7' });
    expect(await code('DeleteKeyStore', { KeyStoreId: store })).toBe('Rejected.KeyStoreNotEmpty');
    pipeline.advance(8 * 24 * 3_600_000);
    for (;;) {
      if ((await describeStore(store)).KeyNum === 0) break;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const { RemainingResources } = await kms('DeleteKeyStore', { KeyStoreId: store });
    const left = (RemainingResources as { RemainingResource: string[] }).RemainingResource;
    expect(left.map((id) => id.split('-')[0]).sort()).toEqual(expect.arrayContaining(['eni', 'eni', 'sg']));
    expect(await code('DescribeKeyStore', { KeyStoreId: store })).toBe('Forbidden.KeyStoreNotFound');
    expect(await code('DeleteKeyStore', { KeyStoreId: store })).toBe('Forbidden.KeyStoreNotFound');
    for (const NetworkInterfaceId of left.filter((id) => id.startsWith('eni'))) {
      await pipeline.call(pipeline.root, 'Ecs', 'DeleteNetworkInterface', { RegionId: REGION, NetworkInterfaceId });
    }
    for (const SecurityGroupId of left.filter((id) => id.startsWith('sg'))) {
      await pipeline.call(pipeline.root, 'Ecs', 'DeleteSecurityGroup', { RegionId: REGION, SecurityGroupId });
    }
  });
});

describe('clusters in trouble', () => {
  it('6: kmsuser on one of two HSMs: connects with one; that one paused: 503; reconnect: UserNotFound', async () => {
    const rig = await cluster({ user: 'after' });
    const store = await createStore(rig);
    expect(await connect(store)).toMatchObject({
      ConnectionState: 'Connected',
      HsmNum: 2,
      AvailableHsmNum: 1,
      Members: { Member: [{}, { Problem: 'UserNotFound' }] },
    });
    expect(await code('CreateKey', { DKMSInstanceId: store })).toBe('Rejected.InsufficientHsms');
    await hsm('PauseInstance', { InstanceId: rig.hsmIds[0]! });
    expect(await describeStore(store)).toMatchObject({ ConnectionState: 'Connected', AvailableHsmNum: 0 });
    await disconnect(store);
    expect(await connect(store)).toMatchObject({ ConnectionState: 'Failed', ConnectionErrorCode: 'UserNotFound' });
  });

  it('an HSM paused at connect counts for the quorum, and is used once it is back', async () => {
    const rig = await cluster();
    const store = await createStore(rig);
    await hsm('PauseInstance', { InstanceId: rig.hsmIds[1]! });
    expect(await connect(store)).toMatchObject({
      ConnectionState: 'Connected',
      HsmNum: 2,
      AvailableHsmNum: 1,
      Members: { Member: [{ InstanceId: rig.hsmIds[0] }, { InstanceId: rig.hsmIds[1], Problem: 'InsufficientHsms' }] },
    });
    expect(await code('CreateKey', { DKMSInstanceId: store })).toBe('Rejected.InsufficientHsms');
    await hsm('ResumeInstance', { InstanceId: rig.hsmIds[1]! });
    expect(await decrypt(await encrypt(await createKey(store)))).toBe('aGVsbG8=');
    expect(await describeStore(store)).toMatchObject({ HsmNum: 2, AvailableHsmNum: 2 });
  });

  it('7: a vSwitch without free addresses: nothing is left behind', async () => {
    // Three addresses can be used: the master's and two more.
    const rig = await cluster({ size: 1, blocks: ['10.9.1.0/29', '10.9.2.0/24'] });
    for (let free = 3; free > 0; free -= 1) {
      const group = await pipeline.call(pipeline.root, 'Ecs', 'CreateSecurityGroup', {
        RegionId: REGION,
        VpcId: rig.vpcId,
      });
      await pipeline.call(pipeline.root, 'Ecs', 'CreateNetworkInterface', {
        RegionId: REGION,
        VSwitchId: rig.vSwitchIds[0]!,
        SecurityGroupId: group.SecurityGroupId as string,
      });
    }
    const before = await parts();
    const store = await createStore(rig);
    expect(await connect(store)).toMatchObject({
      ConnectionState: 'Failed',
      ConnectionErrorCode: 'InsufficientFreeAddresses',
      RemainingResources: { RemainingResource: [] },
    });
    expect(await parts()).toEqual(before);
  });

  it('8: a vSwitch that is deleted', async () => {
    const rig = await cluster({ size: 1 });
    const store = await createStore(rig);
    await pipeline.call(pipeline.root, 'Vpc', 'DeleteVSwitch', { RegionId: REGION, VSwitchId: rig.vSwitchIds[1]! });
    expect(await connect(store)).toMatchObject({ ConnectionState: 'Failed', ConnectionErrorCode: 'VSwitchNotFound' });
  });

  it('a VPC of more vSwitches than one page shows', async () => {
    const rig = await cluster({ size: 1 });
    for (let third = 3; third < 63; third += 1) {
      const values = { VpcId: rig.vpcId, ZoneId: `${REGION}-a`, CidrBlock: `10.0.${third}.0/24`, RegionId: REGION };
      await pipeline.call(pipeline.root, 'Vpc', 'CreateVSwitch', values);
    }
    expect((await connect(await createStore(rig))).ConnectionState).toBe('Connected');
  });

  it('19: the master leaves last: the store fails, its cluster not found', async () => {
    const rig = await cluster({ size: 1 });
    const store = await createStore(rig);
    expect((await connect(store)).ConnectionState).toBe('Connected');
    const remove = { ClusterId: rig.clusterId, HsmInstanceIds: rig.hsmIds[0]! };
    expect(await code('RemoveInstancesFromCluster', remove, 'Hsm')).toBe('ClusterInUse');
    expect((await describeStore(store)).AvailableHsmNum).toBe(1);
    await disconnect(store);
    await hsm('RemoveInstancesFromCluster', remove);
    expect(await connect(store)).toMatchObject({ ConnectionState: 'Failed', ConnectionErrorCode: 'ClusterNotFound' });
  });

  it('a whitelist without the interfaces', async () => {
    const rig = await cluster({ size: 1 });
    const store = await createStore(rig);
    await hsm('ConfigureCluster', { ClusterId: rig.clusterId, IpWhiteList: '192.168.0.0/24' });
    expect(await connect(store)).toMatchObject({ ConnectionState: 'Failed', ConnectionErrorCode: 'WhitelistDenied' });
  });
});
