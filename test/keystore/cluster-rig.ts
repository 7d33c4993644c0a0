/** An HSM cluster of SoftHSM tokens made through the API, as its owner does it. */
import type { Caller } from '../../src/operation/context.ts';
import { makeOwner, type Owner } from '../support/owner.ts';
import type { TestPipeline } from '../support/pipeline.ts';

export const REGION = 'cn-hangzhou';
export const PASSWORD = 'kms-User-1';

/** SoftHSM tokens for all clusters of a test. */
export const HSMS = `region: ${REGION}\nhsms:\n  - { name: soft, vendor: softhsm2, library: /usr/lib/softhsm/libsofthsm2.so, count: 24 }\n`;

export interface ClusterRig {
  readonly clusterId: string;
  readonly vpcId: string;
  readonly vSwitchIds: readonly string[];
  readonly hsmIds: readonly string[];
  readonly owner: Owner;
}

export interface ClusterWish {
  readonly owner?: Owner;
  readonly size?: number;
  /** Leaves the cluster NEW. */
  readonly uninitialised?: boolean;
  /** Makes kmsuser on the master before others join (default), after, or on none. */
  readonly user?: 'before' | 'after' | 'none';
  /** Blocks of the vSwitches. */
  readonly blocks?: readonly [string, string];
  readonly vpcBlock?: string;
}

type Call = (
  product: 'Vpc' | 'Hsm',
  operation: string,
  values?: Record<string, string>,
) => Promise<Record<string, string>>;

export async function makeCluster(pipeline: TestPipeline, caller: Caller, wish: ClusterWish = {}): Promise<ClusterRig> {
  const { owner = makeOwner(), size = 2, user = 'before', blocks = ['10.0.1.0/24', '10.0.2.0/24'] } = wish;
  const call: Call = async (product, operation, values = {}) =>
    (await pipeline.call(caller, product, operation, { RegionId: REGION, ...values })) as Record<string, string>;
  const { VpcId: vpcId = '' } = await call('Vpc', 'CreateVpc', { CidrBlock: wish.vpcBlock ?? '10.0.0.0/8' });
  const vSwitchIds: string[] = [];
  for (const [at, CidrBlock] of blocks.entries()) {
    const ZoneId = `${REGION}-${'ab'[at]}`;
    vSwitchIds.push((await call('Vpc', 'CreateVSwitch', { VpcId: vpcId, ZoneId, CidrBlock })).VSwitchId!);
  }
  const newHsm = async (): Promise<string> => (await call('Hsm', 'CreateInstance', { Model: 'soft' })).InstanceId!;
  const makeUser = (InstanceId: string) =>
    call('Hsm', 'CreateHsmUser', { InstanceId, UserName: 'kmsuser', Password: PASSWORD });
  const master = await newHsm();
  await call('Hsm', 'ConfigNetwork', { InstanceId: master, VpcId: vpcId, VSwitchId: vSwitchIds[0]! });
  const { ClusterId: clusterId = '' } = await call('Hsm', 'CreateCluster', {
    ClusterName: 'cluster',
    MasterInstanceId: master,
    IpWhiteList: blocks.join(','),
  });
  await call('Hsm', 'ConfigureCluster', {
    ClusterId: clusterId,
    VSwitchIds: vSwitchIds.join(','),
    IpWhiteList: blocks.join(','),
  });
  const hsmIds = [master];
  const rig: ClusterRig = { clusterId, vpcId, vSwitchIds, hsmIds, owner };
  if (wish.uninitialised === true) return rig;
  await call('Hsm', 'InitializeInstanceAdmin', { InstanceId: master });
  if (user === 'before') await makeUser(master);
  const shown = await pipeline.call(caller, 'Hsm', 'DescribeClusters', { RegionId: REGION, ClusterId: clusterId });
  const { items } = shown.Clusters as { items: { Certificates: { ClusterCsr: string } }[] };
  await call('Hsm', 'InitializeCluster', {
    ClusterId: clusterId,
    IssuerCertificate: owner.certificate,
    SignedCertificate: owner.sign(items[0]!.Certificates.ClusterCsr),
  });
  while (hsmIds.length < size) {
    const id = await newHsm();
    await call('Hsm', 'AddInstancesToCluster', { ClusterId: clusterId, HsmInstanceIds: id });
    hsmIds.push(id);
  }
  if (user === 'after') await makeUser(master);
  return rig;
}
