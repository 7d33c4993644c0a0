import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cloneMember, foundCluster } from '../../src/domain/hsm-service/device-work.ts';
import { HSM_INSTANCES } from '../../src/domain/hsm-service/instance.ts';
import { makeVpc, makeVSwitch, REGION } from '../network/support.ts';
import { makeOwner } from '../support/owner.ts';
import {
  activeHsm,
  csrOf,
  type HsmRig,
  makeUser,
  newCluster,
  newHsm,
  openHsmRig,
  readyCluster,
  showCluster,
  showInstance,
  showMembers,
  usersOf,
  wiped,
} from './support.ts';

let rig: HsmRig;
const codeOf = (operation: string, values: Record<string, string>) => rig.root.codeOf('Hsm', operation, values);
const join2 = (ClusterId: string, HsmInstanceIds: string) =>
  rig.root.call('Hsm', 'AddInstancesToCluster', { ClusterId, HsmInstanceIds });
const digests = async (ClusterId: string) => (await showMembers(rig, ClusterId)).map((hsm) => hsm.Digest);

/** The machine behind an HSM. */
async function deviceOf(InstanceId: string): Promise<string> {
  const place = { account: rig.pipeline.account, region: REGION };
  return (await rig.pipeline.coffer.storage.reader.get(HSM_INSTANCES, place, InstanceId))!.deviceId;
}

beforeAll(async () => {
  rig = await openHsmRig();
});
afterAll(() => rig.pipeline.close());

/** A self-signed certificate by the customer's own tool. */
function selfSigned(keyKind: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'coffer-ca-'));
  try {
    const out = join(folder, 'crt');
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', ...keyKind, '-nodes', '-subj', '/CN=i', '-keyout', join(folder, 'key'), '-out', out],
      { stdio: 'pipe' },
    );
    writeFileSync(join(folder, 'done'), '');
    return execFileSync('cat', [out], { encoding: 'utf8' });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('a new cluster', () => {
  it('has a request made in its master, and one vSwitch', async () => {
    const { ClusterId, master } = await newCluster(rig);
    const cluster = await showCluster(rig, ClusterId);
    expect(cluster).toMatchObject({
      ClusterStatus: 'NEW',
      Status: 'NEW',
      ClusterMaster: master,
      ClusterSize: 1,
      VpcId: rig.vpcId,
      ClusterZones: { items: [{ VSwitchId: rig.vSwitches[0], ZoneNo: 'cn-hangzhou-a' }] },
      Certificates: { ClusterCertificate: '', ClusterOwnerCertificate: '' },
    });
    expect(await csrOf(rig, ClusterId)).toMatch(/^-----BEGIN CERTIFICATE REQUEST-----/);
    expect(await showInstance(rig, master)).toMatchObject({ ClusterId, IsMaster: true, InitStatus: 0 });
    for (const operation of ['ResetInstance', 'ReleaseInstance', 'ConfigWhiteList']) {
      const WhiteList = operation === 'ConfigWhiteList' ? { WhiteList: '10.0.1.0/24' } : {};
      expect(await codeOf(operation, { InstanceId: master, ...WhiteList })).toBe('InstanceInCluster');
    }
  });

  it('needs a master in service and in no other cluster', async () => {
    const create = (MasterInstanceId: string, more = {}) =>
      codeOf('CreateCluster', { ClusterName: 'c', MasterInstanceId, ...more });
    expect(await create('hsm-none')).toBe('InvalidInstance.NotFound');
    expect(await create(await newHsm(rig))).toBe('IncorrectInstanceStatus');
    const master = await activeHsm(rig);
    expect(await create(master, { IpWhiteList: '0.0.0.0/0' })).toBe('InvalidWhiteList');
    expect(await create(master, { HsmInstanceIds: 'hsm-other' })).toBe('InstanceNotInCluster');
    expect(await create(master, { ClusterName: 'x'.repeat(25) })).toBe('InvalidParameter.ClusterName');
    expect(await create(master, { HsmInstanceIds: master })).toBe('OK');
    expect(await create(master)).toBe('InstanceInCluster');
  });

  it('keeps the users of its master, made before or after', async () => {
    const master = await activeHsm(rig);
    await rig.root.call('Hsm', 'InitializeInstanceAdmin', { InstanceId: master });
    await makeUser(rig, master, 'before');
    await rig.root.call('Hsm', 'CreateCluster', { ClusterName: 'c', MasterInstanceId: master });
    await makeUser(rig, master, 'after');
    expect(await usersOf(rig, master)).toEqual(['after', 'before']);
  });

  it('is made again after a crash that lost the first answer', async () => {
    const master = await activeHsm(rig);
    // As if the process had died between the work in the HSM and the commit.
    await foundCluster(rig.pipeline.coffer.devices.admin(await deviceOf(master)), 'CN=lost', false);
    expect(await codeOf('CreateCluster', { ClusterName: 'c', MasterInstanceId: master })).toBe('OK');
  });

  it('grows its vSwitches only, and within its VPC', async () => {
    const { ClusterId } = await newCluster(rig);
    const [first, second] = rig.vSwitches;
    const configure = (values: Record<string, string>) => codeOf('ConfigureCluster', { ClusterId, ...values });
    const elsewhere = await makeVSwitch(rig.root, await makeVpc(rig.root), '10.0.1.0/24');
    expect(await configure({ VSwitchIds: second })).toBe('InvalidClusterVSwitches');
    expect(await configure({ VSwitchIds: `${first},${elsewhere}` })).toBe('InvalidClusterVSwitches');
    expect(await configure({ VSwitchIds: `${first},vsw-none` })).toBe('InvalidVSwitchId.NotFound');
    expect(await configure({ VSwitchIds: `${first},${second}`, ZoneNos: 'cn-hangzhou-a,cn-hangzhou-c' })).toBe(
      'InvalidClusterVSwitches',
    );
    expect(await configure({ VpcId: 'vpc-other' })).toBe('InvalidClusterVSwitches');
    expect(await configure({ IpWhiteList: '0.0.0.0/0' })).toBe('InvalidWhiteList');
    expect(await configure({ VSwitchIds: `${first},${second}`, ClusterName: 'named' })).toBe('OK');
    expect(await showCluster(rig, ClusterId)).toMatchObject({
      ClusterName: 'named',
      IpWhiteList: { items: ['10.0.0.0/8'] },
      ClusterZones: { items: [{ VSwitchId: first }, { VSwitchId: second }] },
    });
  });
});

describe('initialising a cluster', () => {
  it('needs two vSwitches, an officer, and the right certificates', async () => {
    const { ClusterId, master } = await newCluster(rig);
    const owner = makeOwner();
    const csr = await csrOf(rig, ClusterId);
    const right = { IssuerCertificate: owner.certificate, SignedCertificate: owner.sign(csr) };
    const initialise = (values: object = {}) => codeOf('InitializeCluster', { ClusterId, ...right, ...values });
    expect(await initialise()).toBe('InsufficientClusterVSwitches');
    await rig.root.call('Hsm', 'ConfigureCluster', { ClusterId, VSwitchIds: rig.vSwitches.join() });
    expect(await initialise()).toBe('InstanceNotInitialized');
    await rig.root.call('Hsm', 'InitializeInstanceAdmin', { InstanceId: master });
    const stranger = makeOwner();
    const other = await csrOf(rig, (await newCluster(rig)).ClusterId);
    expect(await initialise({ IssuerCertificate: 'rubbish' })).toBe('InvalidIssuerCertificate');
    expect(await initialise({ IssuerCertificate: right.SignedCertificate })).toBe('InvalidIssuerCertificate');
    expect(await initialise({ IssuerCertificate: right.IssuerCertificate.repeat(2) })).toBe('InvalidIssuerCertificate');
    expect(await initialise({ IssuerCertificate: selfSigned(['rsa:1024']) })).toBe('InvalidIssuerCertificate');
    // No key store takes it, and a cluster is initialised once.
    const between = makeOwner('rsa:3072');
    const signed = { IssuerCertificate: between.certificate, SignedCertificate: between.sign(csr) };
    expect(await initialise(signed)).toBe('InvalidIssuerCertificate');
    expect(await initialise({ IssuerCertificate: selfSigned(['ec', '-pkeyopt', 'ec_paramgen_curve:P-256']) })).toBe(
      'InvalidIssuerCertificate',
    );
    expect(await initialise({ IssuerCertificate: stranger.certificate })).toBe('InvalidSignedCertificate');
    expect(await initialise({ SignedCertificate: stranger.sign(csr) })).toBe('InvalidSignedCertificate');
    expect(await initialise({ SignedCertificate: owner.sign(other) })).toBe('InvalidSignedCertificate');
    expect(await initialise({ SignedCertificate: csr })).toBe('InvalidSignedCertificate');
    expect((await showCluster(rig, ClusterId))!.Status).toBe('NEW');
    expect(await codeOf('PauseInstance', { InstanceId: master })).toBe('OK');
    expect(await initialise()).toBe('IncorrectInstanceStatus');
    expect(await codeOf('ResumeInstance', { InstanceId: master })).toBe('OK');
    expect(await initialise()).toBe('OK');
    expect(await initialise()).toBe('IncorrectClusterStatus');
    const shown = await showCluster(rig, ClusterId);
    expect(shown).toMatchObject({ Status: 'INITIALIZED' });
    expect((shown!.Certificates as Record<string, string>).ClusterOwnerCertificate!.trim()).toBe(
      owner.certificate.trim(),
    );
  });
});

describe('joining', () => {
  it('copies everything, gives an address in the emptier zone, and is done when the call returns', async () => {
    const { ClusterId, master } = await readyCluster(rig);
    const second = await newHsm(rig);
    await join2(ClusterId, second);
    expect(await showInstance(rig, second)).toMatchObject({
      Status: 'ACTIVE',
      InitStatus: 1,
      ClusterId,
      IsMaster: false,
      VswitchId: rig.vSwitches[1],
      WhiteList: { items: ['10.0.0.0/8'] },
    });
    expect(await usersOf(rig, second)).toEqual(['kmsuser']);
    expect(new Set(await digests(ClusterId)).size).toBe(1);
    expect((await digests(ClusterId))[0]).toMatch(/^[0-9a-f]{32,}$/);

    await makeUser(rig, master, 'late');
    expect(await usersOf(rig, second), 'users made later exist on one HSM only').toEqual(['kmsuser']);
    expect(new Set(await digests(ClusterId)).size).toBe(2);
    const synced = await rig.root.call('Hsm', 'SyncInCluster', { ClusterId });
    expect(synced.SynchronizedInstanceIds).toMatchObject({ items: [second] });
    expect(await usersOf(rig, second)).toEqual(['kmsuser', 'late']);
    expect(new Set(await digests(ClusterId)).size).toBe(1);
    expect((await rig.root.call('Hsm', 'SyncInCluster', { ClusterId })).SynchronizedInstanceIds).toMatchObject({
      items: [],
    });
  });

  it('is for uninitialised HSMs of the cluster’s VPC, into an initialised cluster', async () => {
    const fresh = await newCluster(rig);
    const add = (ClusterId: string, HsmInstanceIds: string) =>
      codeOf('AddInstancesToCluster', { ClusterId, HsmInstanceIds });
    expect(await add(fresh.ClusterId, await newHsm(rig))).toBe('IncorrectClusterStatus');
    const { ClusterId } = await readyCluster(rig);
    expect(await add(ClusterId, 'hsm-none')).toBe('InvalidInstance.NotFound');
    expect(await add(ClusterId, fresh.master)).toBe('InstanceInCluster');
    const used = await activeHsm(rig);
    await rig.root.call('Hsm', 'InitializeInstanceAdmin', { InstanceId: used });
    expect(await add(ClusterId, used)).toBe('InstanceInitialized');
    const paused = await activeHsm(rig);
    await rig.root.call('Hsm', 'PauseInstance', { InstanceId: paused });
    expect(await add(ClusterId, paused)).toBe('IncorrectInstanceStatus');
    const away = await newHsm(rig);
    const VpcId = await makeVpc(rig.root);
    const VSwitchId = await makeVSwitch(rig.root, VpcId, '10.0.1.0/24');
    await rig.root.call('Hsm', 'ConfigNetwork', { InstanceId: away, VpcId, VSwitchId });
    expect(await add(ClusterId, away)).toBe('InvalidClusterVSwitches');
    expect(await showMembers(rig, ClusterId)).toHaveLength(1);
    for (const InstanceId of [used, paused, away]) await rig.root.call('Hsm', 'ReleaseInstance', { InstanceId });
  });

  it('is made again after a crash that lost the first answer, and then is to that cluster alone', async () => {
    const [lost, home] = [await readyCluster(rig), await readyCluster(rig)];
    const newcomer = await activeHsm(rig);
    const { devices } = rig.pipeline.coffer;
    // As if the process had died between the work in the HSM and the commit.
    await cloneMember(devices, await deviceOf(newcomer), [await deviceOf(lost.master)]);
    await join2(home.ClusterId, newcomer);
    expect(new Set(await digests(home.ClusterId)).size).toBe(1);
    expect(await digests(lost.ClusterId)).not.toEqual((await digests(home.ClusterId)).slice(0, 1));
  });

  it('to two clusters at once succeeds once, and leaves a whole member', async () => {
    const [one, two] = [await readyCluster(rig), await readyCluster(rig)];
    const wanted = await activeHsm(rig);
    const codes = await Promise.all(
      [one, two].map(({ ClusterId }) => codeOf('AddInstancesToCluster', { ClusterId, HsmInstanceIds: wanted })),
    );
    expect(codes.sort()).toEqual(['OK', 'OperationConflict.Hsm']);
    const home = (await showInstance(rig, wanted))!.ClusterId as string;
    expect(new Set(await digests(home)).size).toBe(1);
  });
});

describe('leaving', () => {
  it('wipes; the master goes last and ends the cluster for good', async () => {
    const { ClusterId, master } = await readyCluster(rig);
    const second = await newHsm(rig);
    await join2(ClusterId, second);
    const remove = (HsmInstanceIds: string) => codeOf('RemoveInstancesFromCluster', { ClusterId, HsmInstanceIds });
    expect(await remove(master)).toBe('MasterNotLast');
    expect(await remove('hsm-none')).toBe('InstanceNotInCluster');
    expect(await codeOf('DeleteCluster', { ClusterId })).toBe('ClusterNotEmpty');
    expect(await codeOf('ConfigClusterMaster', { ClusterId, MasterInstanceId: 'hsm-none' })).toBe(
      'InstanceNotInCluster',
    );
    expect(await codeOf('ConfigClusterMaster', { ClusterId, MasterInstanceId: second })).toBe('OK');
    expect(await showInstance(rig, second)).toMatchObject({ IsMaster: true });
    expect(await remove(master), 'it is no longer the master').toBe('OK');
    expect(await wiped(rig, master)).toMatchObject({ Status: 'ACTIVE', InitStatus: 0, ClusterId: '', Digest: '' });
    await join2(ClusterId, master);
    expect(new Set(await digests(ClusterId)).size, 'it may come back, copied anew').toBe(1);
    expect(await remove(`${master},${second}`)).toBe('OK');
    expect((await showCluster(rig, ClusterId))!.Status).toBe('TO_DELETE');
    expect(await codeOf('ConfigureCluster', { ClusterId, ClusterName: 'x' })).toBe('IncorrectClusterStatus');
    expect(await codeOf('AddInstancesToCluster', { ClusterId, HsmInstanceIds: master })).toBe('IncorrectClusterStatus');
    expect(await codeOf('DeleteCluster', { ClusterId })).toBe('OK');
    expect(await codeOf('DeleteCluster', { ClusterId })).toBe('InvalidCluster.NotFound');
    await Promise.all([wiped(rig, master), wiped(rig, second)]);
  });
});
