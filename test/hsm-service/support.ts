/** HSMs and clusters made through the API, on real tokens. */

import { asRoot, makeVpc, makeVSwitch, type Root, textOf } from '../network/support.ts';
import { until } from '../support/key-store.ts';
import { makeOwner, type Owner } from '../support/owner.ts';
import { openTestPipeline, type TestPipeline } from '../support/pipeline.ts';

export const PASSWORD = 'Kms-User-1';

const CONFIGURATION = `hsms:
  - { name: soft, vendor: softhsm2, library: /usr/lib/softhsm/libsofthsm2.so, count: 40 }
  - { name: one, vendor: softhsm2, library: /usr/lib/softhsm/libsofthsm2.so, count: 1 }
`;

export interface HsmRig {
  readonly pipeline: TestPipeline;
  readonly root: Root;
  readonly vpcId: string;
  /** In zones a and b: 10.0.1.0/24 and 10.0.2.0/24. */
  readonly vSwitches: readonly [string, string];
}

export async function openHsmRig(): Promise<HsmRig> {
  const pipeline = await openTestPipeline(CONFIGURATION);
  const root = asRoot(pipeline);
  const vpcId = await makeVpc(root);
  const vSwitches = [
    await makeVSwitch(root, vpcId, '10.0.1.0/24', 0),
    await makeVSwitch(root, vpcId, '10.0.2.0/24', 1),
  ] as const;
  return { pipeline, root, vpcId, vSwitches };
}

/** A new HSM without address. */
export async function newHsm(rig: HsmRig, model = 'soft'): Promise<string> {
  return textOf(await rig.root.call('Hsm', 'CreateInstance', { Model: model }), 'InstanceId');
}

/** A new HSM in the first vSwitch. */
export async function activeHsm(rig: HsmRig, at = 0): Promise<string> {
  const InstanceId = await newHsm(rig);
  await rig.root.call('Hsm', 'ConfigNetwork', { InstanceId, VpcId: rig.vpcId, VSwitchId: rig.vSwitches[at]! });
  return InstanceId;
}

/** A new cluster of one HSM, `NEW`. */
export async function newCluster(rig: HsmRig): Promise<{ ClusterId: string; master: string }> {
  const master = await activeHsm(rig);
  const values = { ClusterName: 'c', MasterInstanceId: master, IpWhiteList: '10.0.0.0/8' };
  return { ClusterId: textOf(await rig.root.call('Hsm', 'CreateCluster', values), 'ClusterId'), master };
}

export async function makeUser(rig: HsmRig, InstanceId: string, UserName = 'kmsuser'): Promise<void> {
  await rig.root.call('Hsm', 'CreateHsmUser', { InstanceId, UserName, Password: PASSWORD });
}

/** A new cluster of one HSM with kmsuser, `INITIALIZED`. */
export async function readyCluster(rig: HsmRig, owner: Owner = makeOwner()) {
  const made = await newCluster(rig);
  await rig.root.call('Hsm', 'InitializeInstanceAdmin', { InstanceId: made.master });
  await makeUser(rig, made.master);
  await rig.root.call('Hsm', 'ConfigureCluster', { ClusterId: made.ClusterId, VSwitchIds: rig.vSwitches.join() });
  await rig.root.call('Hsm', 'InitializeCluster', {
    ClusterId: made.ClusterId,
    IssuerCertificate: owner.certificate,
    SignedCertificate: owner.sign(await csrOf(rig, made.ClusterId)),
  });
  return { ...made, owner };
}

/** Items of a list without wrapping. */
function plain(value: unknown): Record<string, unknown>[] {
  return (value as { items: Record<string, unknown>[] }).items;
}

export async function showInstance(rig: HsmRig, InstanceId: string): Promise<Record<string, unknown> | undefined> {
  return plain((await rig.root.call('Hsm', 'DescribeInstances', { InstanceId })).Instances)[0];
}

export async function showMembers(rig: HsmRig, ClusterId: string): Promise<Record<string, unknown>[]> {
  return plain((await rig.root.call('Hsm', 'DescribeInstances', { ClusterId })).Instances);
}

export async function showCluster(rig: HsmRig, ClusterId: string): Promise<Record<string, unknown> | undefined> {
  return plain((await rig.root.call('Hsm', 'DescribeClusters', { ClusterId })).Clusters)[0];
}

export async function csrOf(rig: HsmRig, ClusterId: string): Promise<string> {
  const cluster = await showCluster(rig, ClusterId);
  return (cluster!.Certificates as { ClusterCsr: string }).ClusterCsr;
}

export async function usersOf(rig: HsmRig, InstanceId: string): Promise<unknown[]> {
  return plain((await rig.root.call('Hsm', 'DescribeHsmUsers', { InstanceId })).Users).map((user) => user.UserName);
}

/** Waits until the wipe of an HSM is done: its task runs beside the calls. */
export function wiped(rig: HsmRig, InstanceId: string): Promise<Record<string, unknown> | undefined> {
  return until(
    () => showInstance(rig, InstanceId),
    (hsm) => hsm === undefined || !['RESET', 'INVALID'].includes(hsm.Status as string),
  );
}
