/** A network, an HSM cluster and a key store over it, made step by step through a client. */
import { randomBytes } from 'node:crypto';
import { createOwnerCa, type OwnerCa } from '../../src/cli/quickstart/owner-ca.ts';
import type { Answer, Call } from './sdk.ts';

const REGION = { RegionId: 'cn-hangzhou' };

export interface TestNetwork {
  readonly vpcId: string;
  /** In two zones, 10.0.1.0 and 10.0.2.0. */
  readonly vSwitchIds: readonly [string, string];
}

export interface TestCluster {
  readonly clusterId: string;
  readonly instanceIds: readonly string[];
  /** The owner's CA: its certificate is the security domain certificate. */
  readonly owner: OwnerCa;
  /** Password of `kmsuser`. */
  readonly password: string;
}

/** A VPC with two vSwitches of `bits` bits. */
export async function makeNetwork(root: Call, bits = 24): Promise<TestNetwork> {
  const { VpcId } = await root('Vpc', 'CreateVpc', { ...REGION, CidrBlock: '10.0.0.0/16' });
  const { Zones } = await root('Vpc', 'DescribeZones', REGION);
  const made = [1, 2].map(async (number) => {
    const ZoneId = Zones.Zone[number - 1].ZoneId;
    const CidrBlock = `10.0.${number}.0/${bits}`;
    return (await root('Vpc', 'CreateVSwitch', { ...REGION, VpcId, ZoneId, CidrBlock })).VSwitchId as string;
  });
  const [first, second] = await Promise.all(made);
  return { vpcId: VpcId, vSwitchIds: [first!, second!] };
}

export interface ClusterOptions {
  readonly members?: 1 | 2;
  /** Stops before InitializeCluster. */
  readonly initialise?: boolean;
}

/** A cluster of SoftHSM2 HSMs, initialised by an owner of its own, with the crypto user `kmsuser`. */
export async function makeCluster(
  root: Call,
  network: TestNetwork,
  options: ClusterOptions = {},
): Promise<TestCluster> {
  const { members = 2, initialise = true } = options;
  const instanceIds: string[] = [];
  for (const VSwitchId of network.vSwitchIds.slice(0, members)) {
    const { InstanceId } = await root('Hsm', 'CreateInstance', { ...REGION, Model: 'softhsm' });
    await root('Hsm', 'ConfigNetwork', { ...REGION, InstanceId, VpcId: network.vpcId, VSwitchId });
    instanceIds.push(InstanceId);
  }
  const [master, ...others] = instanceIds;
  const password = randomBytes(15).toString('hex');
  await root('Hsm', 'InitializeInstanceAdmin', { ...REGION, InstanceId: master });
  await root('Hsm', 'CreateHsmUser', { ...REGION, InstanceId: master, UserName: 'kmsuser', Password: password });
  const { ClusterId } = await root('Hsm', 'CreateCluster', {
    ...REGION,
    ClusterName: 'compat',
    MasterInstanceId: master,
    IpWhiteList: '10.0.1.0/24,10.0.2.0/24',
  });
  await root('Hsm', 'ConfigureCluster', { ...REGION, ClusterId, VSwitchIds: network.vSwitchIds.join(',') });
  const owner = await createOwnerCa();
  const cluster = { clusterId: ClusterId, instanceIds, owner, password };
  if (!initialise) return cluster;
  await initialiseCluster(root, cluster);
  for (const id of others) await root('Hsm', 'AddInstancesToCluster', { ...REGION, ClusterId, HsmInstanceIds: id });
  return cluster;
}

async function initialiseCluster(root: Call, { clusterId: ClusterId, owner }: TestCluster): Promise<void> {
  const { Clusters } = await root('Hsm', 'DescribeClusters', { ...REGION, ClusterId });
  await root('Hsm', 'InitializeCluster', {
    ...REGION,
    ClusterId,
    IssuerCertificate: owner.certificate,
    SignedCertificate: await owner.sign(Clusters[0].Certificates.ClusterCsr),
  });
}

/** Parameters of CreateKeyStore over a cluster. */
export function storeOver(cluster: TestCluster, KeyStoreName: string): Record<string, string> {
  return {
    KeyStoreName,
    HsmClusterId: cluster.clusterId,
    Description: 'compat',
    KeyStorePassword: cluster.password,
    SecurityDomainCertificate: cluster.owner.certificate,
  };
}

/** Asks until `done` likes the answer; fails after `seconds`. */
export async function until<T>(ask: () => Promise<T>, done: (answer: T) => boolean, seconds = 30): Promise<T> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (done(answer)) return answer;
    if (performance.now() > end) throw new Error(`not within ${seconds} s: ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

export async function storeOf(call: Call, KeyStoreId: string): Promise<Answer> {
  return (await call('Kms', 'DescribeKeyStore', { KeyStoreId })).KeyStore;
}

/** Starts to connect and waits for the end: `Connected` or `Failed`. */
export async function connect(call: Call, KeyStoreId: string): Promise<Answer> {
  await call('Kms', 'ConnectKeyStore', { KeyStoreId });
  return until(
    () => storeOf(call, KeyStoreId),
    (store) => store.ConnectionState !== 'Connecting',
  );
}

export async function disconnect(call: Call, KeyStoreId: string): Promise<Answer> {
  await call('Kms', 'DisconnectKeyStore', { KeyStoreId });
  return until(
    () => storeOf(call, KeyStoreId),
    (store) => store.ConnectionState !== 'Disconnecting',
  );
}

/** Deletes the key stores' service-linked role and waits for the task's end; answers its last status. */
export async function deleteRole(call: Call): Promise<Answer> {
  const RoleName = 'AliyunServiceRoleForKMSKeyStore';
  const { DeletionTaskId } = await call('ResourceManager', 'DeleteServiceLinkedRole', { RoleName });
  return until(
    () => call('ResourceManager', 'GetServiceLinkedRoleDeletionStatus', { DeletionTaskId }),
    (answer) => answer.Status !== 'NOT_STARTED' && answer.Status !== 'IN_PROGRESS',
  );
}
