/** Section 1 of the design, told by clients that know nothing of Coffer, refusals included. The steps build on each other. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attach, createPolicy, createUser, MAY_CREATE_STORE_ROLE, type TestUser, USE_KMS } from '../support/access.ts';
import { alike } from '../support/alike.ts';
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
  until,
} from '../support/key-store.ts';
import { type Answer, type Call, genericCall, popCall, refusalOf } from '../support/sdk.ts';
import { allEvents } from '../support/trail.ts';

const ROLE = 'AliyunServiceRoleForKMSKeyStore';
const SERVICE = 'keystore.kms.aliyuncs.com';
const OF_THE_SERVICE = new Set(
  `DescribeClusters DescribeInstances DescribeVpcs DescribeVSwitches CreateSecurityGroup AuthorizeSecurityGroup
  AuthorizeSecurityGroupEgress CreateNetworkInterface CreateNetworkInterfacePermission`.split(/\s+/),
);
const TEXT = 'canary-plaintext-5b1f';

let server: TestServer;
/** The owner, by V1. */
let root: Call;
/** The RAM user, by ACS3 over TLS. */
let alice: Call;
let user: TestUser;
let network: TestNetwork;
let cluster: TestCluster;
let storeId = '';
let keyId = '';
let sealed = '';

beforeAll(async () => {
  server = await startTestServer();
  root = popCall({ server });
  user = await createUser(server, 'alice', USE_KMS);
  alice = genericCall({ server, key: user.key, secure: true });
});
afterAll(() => server.close());

const code = async (call: Promise<unknown>): Promise<string> => (await refusalOf(call)).code;
const encrypt = (): Promise<Answer> => alice('Kms', 'Encrypt', { KeyId: keyId, Plaintext: TEXT });
const decrypt = async (): Promise<string> => (await alice('Kms', 'Decrypt', { CiphertextBlob: sealed })).Plaintext;

describe('the key store', () => {
  it('2: gets a cluster of two HSMs', async () => {
    network = await makeNetwork(root);
    cluster = await makeCluster(root, network);
    const { Instances } = await root('Hsm', 'DescribeInstances', {
      RegionId: 'cn-hangzhou',
      ClusterId: cluster.clusterId,
    });
    expect(Instances.map(({ Status }: Answer) => Status)).toEqual(['ACTIVE', 'ACTIVE']);
    expect(new Set(Instances.map(({ Digest }: Answer) => Digest)).size).toBe(1);
  });

  it('3: is refused to who may not make its role, told exactly why, and nothing is left', async () => {
    const refused = await refusalOf(alice('Kms', 'CreateKeyStore', storeOver(cluster, 'story')));
    expect(refused).toMatchObject({
      code: 'Forbidden.NoPermission',
      status: 403,
      data: {
        AccessDeniedDetail: {
          AuthAction: 'ram:CreateServiceLinkedRole',
          AuthPrincipalType: 'SubUser',
          NoPermissionType: 'ImplicitDeny',
        },
      },
    });
    expect(JSON.parse(refused.data.AccessDeniedDetail.MissingStatement)).toMatchObject({
      Effect: 'Allow',
      Action: 'ram:CreateServiceLinkedRole',
      Condition: { StringEquals: { 'ram:ServiceName': SERVICE } },
    });
    expect(await code(root('Ram', 'GetRole', { RoleName: ROLE }))).toBe('EntityNotExist.Role');
    expect((await alice('Kms', 'DescribeKeyStores')).KeyStores).toEqual({ KeyStore: [] });
  });

  it('3: is made with its role once the statement is attached', async () => {
    await createPolicy(server, 'role', MAY_CREATE_STORE_ROLE);
    await attach(server, user.name, 'role');
    const made = await alice('Kms', 'CreateKeyStore', storeOver(cluster, 'story'));
    storeId = made.KeyStoreId;
    expect(storeId).toMatch(/^kst-hzz[0-9a-f]{8}[a-z0-9]{10}$/);
    expect(made).toMatchObject({
      KeyStoreArn: `acs:kms:cn-hangzhou:${server.account}:keystore/${storeId}`,
      ConnectionState: 'Disconnected',
    });
    const { Role } = await root('Ram', 'GetRole', { RoleName: ROLE });
    expect(Role.Arn).toBe(`acs:ram::${server.account}:role/aliyunserviceroleforkmskeystore`);
    expect(JSON.stringify(await storeOf(alice, storeId))).not.toContain(cluster.password);
  });

  it('holds no key before it is connected, and its cluster serves no second store', async () => {
    expect(await code(alice('Kms', 'CreateKey', { DKMSInstanceId: storeId }))).toBe('Rejected.KeyStoreDisconnected');
    expect(await code(alice('Kms', 'CreateKeyStore', storeOver(cluster, 'second')))).toBe('Rejected.HsmClusterInUse');
    expect(await code(alice('Kms', 'DisconnectKeyStore', { KeyStoreId: storeId }))).toBe(
      'Rejected.KeyStoreStateInvalid',
    );
  });

  it('tells nobody whether it exists who may not know', async () => {
    const nobody = popCall({ server, key: (await createUser(server, 'nobody')).key });
    for (const action of [
      'DescribeKeyStore',
      'ConnectKeyStore',
      'DisconnectKeyStore',
      'UpdateKeyStore',
      'DeleteKeyStore',
      'GetKmsInstance',
    ]) {
      const answers: string[] = [];
      for (const KeyStoreId of [storeId, 'kst-hzz00000000none']) {
        const named = action === 'GetKmsInstance' ? { KmsInstanceId: KeyStoreId } : { KeyStoreId };
        const { data } = await refusalOf(nobody('Kms', action, named));
        answers.push(alike({ ...data, RequestId: '' }).replaceAll(KeyStoreId, '<id>'));
      }
      expect(answers[0]).toBe(answers[1]);
      expect(answers[0]).toContain('"Code":"Forbidden.NoPermission"');
    }
  });

  it('is a KMS instance to clients that know these', async () => {
    const KmsInstanceArn = `acs:kms:cn-hangzhou:${server.account}:keystore/${storeId}`;
    const listed = await root('Kms', 'ListKmsInstances', {});
    expect(listed).toMatchObject({ TotalCount: 1, PageNumber: 1, PageSize: 20 });
    expect(listed.KmsInstances.KmsInstance).toEqual([{ KmsInstanceId: storeId, KmsInstanceArn }]);
    const found = async (Key: string, ...Values: string[]): Promise<number> =>
      (await root('Kms', 'ListKmsInstances', { Filters: JSON.stringify([{ Key, Values }]) })).TotalCount;
    expect(await found('InstanceName', 'story')).toBe(1);
    expect(await found('InstanceName', 'storey')).toBe(0);
    expect(await found('Status', 'Connected', 'Disconnected')).toBe(1);
    expect(await code(root('Kms', 'ListKmsInstances', { Filters: '[{"Key":"Name"}]' }))).toBe('InvalidParameter');
    for (const KmsInstanceId of [storeId, KmsInstanceArn]) {
      const { KmsInstance } = await root('Kms', 'GetKmsInstance', { KmsInstanceId });
      expect(KmsInstance).toMatchObject({
        InstanceId: storeId,
        InstanceName: 'story',
        Status: 'Disconnected',
        KeyNum: 0,
      });
      expect(KmsInstance.ZoneIds).toEqual([]);
    }
    expect(await code(root('Kms', 'GetKmsInstance', { KmsInstanceId: 'kst-none' }))).toBe(
      'Forbidden.DKMSInstanceNotFound',
    );
    const tag = { RegionId: 'cn-hangzhou', ResourceType: 'instance', 'Tag.1.Key': 'a', 'Tag.1.Value': 'b' };
    expect(await code(root('Kms', 'TagResources', { ...tag, 'ResourceId.1': storeId }))).toBe('UnsupportedOperation');
    expect(await code(root('Kms', 'TagResources', { ...tag, 'ResourceId.1': 'kst-none' }))).toBe(
      'Forbidden.DKMSInstanceNotFound',
    );
    const { RegionId, ResourceType } = tag;
    const tags = await root('Kms', 'ListTagResources', { RegionId, ResourceType, 'ResourceId.1': storeId });
    expect(tags.TagResources.TagResource).toEqual([]);
  });

  it('4: connects as the role', async () => {
    const store = await connect(alice, storeId);
    expect(store).toMatchObject({
      ConnectionState: 'Connected',
      HsmNum: 2,
      VpcId: network.vpcId,
      HsmUserName: 'kmsuser',
    });
    expect(store.NetworkInterfaceIds.NetworkInterfaceId).toHaveLength(2);
    const { KmsInstance } = await alice('Kms', 'GetKmsInstance', { KmsInstanceId: storeId });
    expect(KmsInstance).toMatchObject({ Status: 'Connected', VpcId: network.vpcId });
    expect(KmsInstance.VswitchIds).toEqual(store.VSwitchIds.VSwitchId);
    const again = await alice('Kms', 'ConnectKeyStore', { KeyStoreId: storeId });
    expect(again.ConnectionState).toBe('Connected');
    expect(await code(alice('Kms', 'DeleteKeyStore', { KeyStoreId: storeId }))).toBe('Rejected.KeyStoreStateInvalid');
    const password = { KeyStoreId: storeId, KeyStorePassword: 'another-one' };
    expect(await code(alice('Kms', 'UpdateKeyStore', password))).toBe('Rejected.KeyStoreStateInvalid');
  });

  it('5: serves keys', async () => {
    const { KeyMetadata } = await alice('Kms', 'CreateKey', { DKMSInstanceId: storeId, Description: 'in HSMs' });
    keyId = KeyMetadata.KeyId;
    expect(KeyMetadata).toMatchObject({ DKMSInstanceId: storeId, ProtectionLevel: 'HSM', KeyState: 'Enabled' });
    sealed = (await encrypt()).CiphertextBlob;
    expect(await decrypt()).toBe(TEXT);
    const { Plaintext, CiphertextBlob } = await alice('Kms', 'GenerateDataKey', { KeyId: keyId });
    expect((await alice('Kms', 'Decrypt', { CiphertextBlob })).Plaintext).toBe(Plaintext);
    const external = { DKMSInstanceId: storeId, Origin: 'EXTERNAL' };
    expect(await code(alice('Kms', 'CreateKey', external))).toBe('UnsupportedOperation');
    expect((await storeOf(alice, storeId)).KeyNum).toBe(1);
  });
});

describe('HSMs that fail', () => {
  const instance = (action: string, InstanceId: string) => root('Hsm', action, { RegionId: 'cn-hangzhou', InstanceId });

  it('5: one process dies; calls go on, all of them', async () => {
    const { Hsms } = await root('Coffer', 'DescribeServer');
    const victim = Hsms.Hsm.find(({ State }: Answer) => State === 'up');
    process.kill(victim.ProcessId, 'SIGKILL');
    const texts = await Promise.all(Array.from({ length: 20 }, () => decrypt()));
    expect(new Set(texts)).toEqual(new Set([TEXT]));
  });

  it('one is out of service: encrypting goes on, no key can be made', async () => {
    await instance('PauseInstance', cluster.instanceIds[0]!);
    expect(await decrypt()).toBe(TEXT);
    expect((await encrypt()).KeyId).toBe(keyId);
    const refused = await refusalOf(alice('Kms', 'CreateKey', { DKMSInstanceId: storeId }));
    expect(refused.status).toBeGreaterThanOrEqual(409);
    await instance('ResumeInstance', cluster.instanceIds[0]!);
  });

  it('all are out of service: a temporary error, the store stays connected, all comes back', async () => {
    for (const id of cluster.instanceIds) await instance('PauseInstance', id);
    expect(await refusalOf(encrypt())).toMatchObject({ code: 'ServiceUnavailableTemporary', status: 503 });
    expect(await refusalOf(decrypt())).toMatchObject({ code: 'ServiceUnavailableTemporary', status: 503 });
    expect((await storeOf(alice, storeId)).ConnectionState).toBe('Connected');
    for (const id of cluster.instanceIds) await instance('ResumeInstance', id);
    const text = await until(
      () => decrypt().catch((error: Answer) => error.code as string),
      (answer) => answer !== 'ServiceUnavailableTemporary',
    );
    expect(text).toBe(TEXT);
  });

  it('the server restarts: the store is connected and its keys serve', async () => {
    await server.restart();
    root = popCall({ server });
    alice = genericCall({ server, key: user.key, secure: true });
    expect((await storeOf(alice, storeId)).ConnectionState).toBe('Connected');
    const text = await until(
      () => decrypt().catch((error: Answer) => error.code as string),
      (answer) => answer !== 'ServiceUnavailableTemporary',
    );
    expect(text).toBe(TEXT);
  });
});

describe('the end', () => {
  it('7: the role stays while the store needs it; the task names region and store', async () => {
    const { Status, Reason } = await deleteRole(root);
    expect(Status).toBe('FAILED');
    expect(Reason.RoleUsages.RoleUsage).toEqual([
      { Region: 'cn-hangzhou', Resources: { Resource: [`acs:kms:cn-hangzhou:${server.account}:keystore/${storeId}`] } },
    ]);
    expect(Reason.Message).toContain('aliyunserviceroleforkmskeystore');
    expect((await root('Ram', 'GetRole', { RoleName: ROLE })).Role.RoleName).toBe(ROLE);
    expect(await decrypt()).toBe(TEXT);
  });

  it('6: disconnected, its keys answer a clear error; reconnected, all is back', async () => {
    const store = await disconnect(alice, storeId);
    expect(store).toMatchObject({ ConnectionState: 'Disconnected', HsmNum: 0 });
    expect(await refusalOf(encrypt())).toMatchObject({ code: 'Rejected.KeyStoreDisconnected', status: 409 });
    expect(await code(decrypt())).toBe('Rejected.KeyStoreDisconnected');
    expect((await alice('Kms', 'DescribeKey', { KeyId: keyId })).KeyMetadata.KeyState).toBe('Enabled');
    expect(await code(alice('Kms', 'DeleteKeyStore', { KeyStoreId: storeId }))).toBe('Rejected.KeyStoreNotEmpty');
    expect((await connect(alice, storeId)).ConnectionState).toBe('Connected');
    expect(await decrypt()).toBe(TEXT);
  });

  it('6: keys are scheduled for deletion, die in their time, and the store goes', async () => {
    await alice('Kms', 'ScheduleKeyDeletion', { KeyId: keyId, PendingWindowInDays: 7 });
    await root('Coffer', 'AdvanceClock', { Seconds: 7 * 86_400 + 60 });
    const gone = await until(
      () => code(alice('Kms', 'DescribeKey', { KeyId: keyId })).catch(() => 'there'),
      (answer) => answer !== 'there',
    );
    expect(gone).toBe('Forbidden.KeyNotFound');
    await disconnect(alice, storeId);
    await alice('Kms', 'DeleteKeyStore', { KeyStoreId: storeId });
    expect(await code(storeOf(alice, storeId))).toBe('Forbidden.KeyStoreNotFound');
  });

  it('7: nothing holds the role any more', async () => {
    expect((await deleteRole(root)).Status).toBe('SUCCEEDED');
    expect(await code(root('Ram', 'GetRole', { RoleName: ROLE }))).toBe('EntityNotExist.Role');
  });
});

describe('the trail', () => {
  it('tells the story in order, with both identities', async () => {
    const events = await allEvents(root);
    const seen = events.map(({ eventName, errorCode, userIdentity }: Answer) =>
      [eventName, userIdentity.userName, errorCode].filter(Boolean).join(' '),
    );
    const at = (entry: string): number => {
      expect(seen).toContain(entry);
      return seen.indexOf(entry);
    };
    const roleAt = at('CreateServiceLinkedRole alice');
    expect(at('CreateKeyStore alice Forbidden.NoPermission')).toBeLessThan(roleAt);
    at('CreateServiceLinkedRole alice NoPermission');
    expect(roleAt).toBeLessThan(at('CreateKeyStore alice'));
    expect(at('CreateKeyStore alice')).toBeLessThan(at('ConnectKeyStore alice'));
    expect(at('ConnectKeyStore alice')).toBeLessThan(at('CreateKey alice'));
    expect(at('CreateKey alice')).toBeLessThan(at('DeleteKeyStore alice'));
    expect(at('DeleteKeyStore alice')).toBeLessThan(seen.lastIndexOf('DeleteServiceLinkedRole root'));
    expect(seen.filter((entry) => entry === 'CreateServiceLinkedRole alice')).toHaveLength(1);
  });

  it("records the service's own calls as the role's", async () => {
    const events = await allEvents(root);
    const service = events.filter(
      ({ userIdentity, serviceName }: Answer) => userIdentity.type === 'assumed-role' && serviceName !== 'Sts',
    );
    expect(new Set(service.map(({ eventName }: Answer) => eventName)).isSupersetOf(OF_THE_SERVICE)).toBe(true);
    for (const event of service) {
      expect(event).toMatchObject({
        sourceIpAddress: 'Internal',
        additionalEventData: { invokedBy: SERVICE, serviceLinkedRole: 'true' },
      });
      expect(event.userIdentity.userName).toMatch(/^aliyunserviceroleforkmskeystore:/);
      expect(event.userIdentity.principalId).toMatch(/^\d{18}:/);
      expect(event.userIdentity.accessKeyId).toMatch(/^STS\./);
    }
    expect(
      events.some(({ serviceName, eventName }: Answer) => serviceName === 'Sts' && eventName === 'AssumeRole'),
    ).toBe(true);
  });

  it('shows no secret', async () => {
    const events = await allEvents(root);
    const text = JSON.stringify(events);
    const secrets = [cluster.password, user.key.accessKeySecret, server.accessKeySecret, TEXT, sealed];
    for (const secret of secrets) expect(text).not.toContain(secret);
    const created = events.find(({ eventName, errorCode }: Answer) => eventName === 'CreateKeyStore' && !errorCode);
    expect(JSON.stringify(created)).not.toContain('BEGIN CERTIFICATE');
  });
});
