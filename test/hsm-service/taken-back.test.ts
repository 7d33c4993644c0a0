import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { HsmAdmin } from '../../src/domain/hsm-devices.ts';
import { cloneMember } from '../../src/domain/hsm-service/device-work.ts';
import { HSM_INSTANCES, type HsmInstanceRecord } from '../../src/domain/hsm-service/instance.ts';
import { StorageBusy, StorageDown } from '../../src/domain/storage.ts';
import { makeGroup, makeInterface, makeVSwitch, REGION } from '../network/support.ts';
import {
  activeHsm,
  type HsmRig,
  makeUser,
  newHsm,
  openHsmRig,
  readyCluster,
  showCluster,
  showInstance,
  showMembers,
  wiped,
} from './support.ts';

let rig: HsmRig;
/** A cluster for tests that need no one of their own. */
let home: { readonly ClusterId: string; readonly master: string };
const codeOf = (operation: string, values: Record<string, string>) => rig.root.codeOf('Hsm', operation, values);
const join = (ClusterId: string, HsmInstanceIds: string) =>
  codeOf('AddInstancesToCluster', { ClusterId, HsmInstanceIds });
const place = () => ({ account: rig.pipeline.account, region: REGION });

async function recordOf(InstanceId: string): Promise<HsmInstanceRecord> {
  return (await rig.pipeline.coffer.storage.reader.get(HSM_INSTANCES, place(), InstanceId))!;
}
async function adminOf(InstanceId: string): Promise<HsmAdmin> {
  return rig.pipeline.coffer.devices.admin((await recordOf(InstanceId)).deviceId);
}

/** The next transaction does not get its turn. */
function refuseNext(): void {
  vi.spyOn(rig.pipeline.coffer.storage, 'transaction').mockRejectedValueOnce(new StorageBusy());
}

/** Makes the next clone of a member wait; resolves when it has come so far. */
async function clonePaused(master: string): Promise<{ reached: Promise<void>; go: () => void }> {
  const admin = await adminOf(master);
  const cloneFor = admin.cloneFor.bind(admin);
  let go = (): void => {};
  const gate = new Promise<void>((resolve) => {
    go = resolve;
  });
  const reached = new Promise<void>((resolve) => {
    vi.spyOn(admin, 'cloneFor').mockImplementationOnce(async (key) => {
      resolve();
      await gate;
      return cloneFor(key);
    });
  });
  return { reached, go };
}

beforeAll(async () => {
  rig = await openHsmRig();
  home = await readyCluster(rig);
});
afterAll(() => rig.pipeline.close());
afterEach(() => {
  vi.restoreAllMocks();
});

describe('when the transaction fails after the work in the HSM', () => {
  it('an HSM that was taken goes back into the stock', async () => {
    const { devices } = rig.pipeline.coffer;
    const free = () => devices.models().find(({ name }) => name === 'one')!.free;
    expect(free()).toBe(1);
    refuseNext();
    expect(await codeOf('CreateInstance', { Model: 'one' })).toBe('ServiceUnavailable');
    expect(free()).toBe(1);
  });

  it('a newcomer keeps nothing of the cluster, and may be tried again at once', async () => {
    const { ClusterId } = home;
    const newcomer = await newHsm(rig);
    refuseNext();
    expect(await join(ClusterId, newcomer)).toBe('ServiceUnavailable');
    const admin = await adminOf(newcomer);
    expect(admin.initialised()).toBe(false);
    expect(await admin.digest()).toBeUndefined();
    expect(await admin.users()).toEqual([]);
    expect(await join(ClusterId, newcomer)).toBe('OK');
    expect(admin.joining()).toBe(false);
  });

  it('several newcomers keep nothing when one of them cannot be copied', async () => {
    const { ClusterId } = home;
    const [first, second] = [await newHsm(rig), await newHsm(rig)];
    const admin = await adminOf(second!);
    vi.spyOn(admin, 'completeJoin').mockRejectedValueOnce(new Error('broken'));
    expect(await join(ClusterId, `${first},${second}`)).toBe('InternalError');
    expect(await (await adminOf(first!)).digest()).toBeUndefined();
    expect(await showInstance(rig, first!)).toMatchObject({ ClusterId: '' });
  });
});

it('a cluster without free addresses takes nobody, and copies nothing', async () => {
  const { ClusterId, master } = await readyCluster(rig);
  expect(await join(ClusterId, await activeHsm(rig, 1))).toBe('OK');
  const small = await makeVSwitch(rig.root, rig.vpcId, '10.0.9.0/29');
  await rig.root.call('Hsm', 'ConfigureCluster', { ClusterId, VSwitchIds: [...rig.vSwitches, small].join() });
  const group = await makeGroup(rig.root, rig.vpcId);
  for (const PrimaryIpAddress of ['10.0.9.1', '10.0.9.2', '10.0.9.3']) {
    await makeInterface(rig.root, small, group, { PrimaryIpAddress });
  }
  const copied = vi.spyOn(await adminOf(master), 'cloneFor');
  // One address is left in the vSwitch with the fewest members; the fourth newcomer would be its second.
  const newcomers = [await newHsm(rig), await newHsm(rig), await newHsm(rig), await newHsm(rig)];
  expect(await join(ClusterId, newcomers.join())).toBe('InvalidVSwitchId.IpNotEnough');
  expect(copied).not.toHaveBeenCalled();
  expect(await join(ClusterId, newcomers[0]!)).toBe('OK');
});

describe('after a crash', () => {
  it('between copying and the commit, the newcomer is wiped at the next start', async () => {
    const { master } = home;
    const newcomer = await activeHsm(rig);
    const [from, to] = [await recordOf(master), await recordOf(newcomer)];
    await cloneMember(rig.pipeline.coffer.devices, to.deviceId, [from.deviceId]);
    expect(await (await adminOf(newcomer)).digest()).toBeDefined();
    await rig.pipeline.reopen();
    const admin = await adminOf(newcomer);
    expect([admin.initialised(), admin.joining(), await admin.digest()]).toEqual([false, false, undefined]);
    expect(await (await adminOf(master)).digest(), 'nobody else is touched').toBeDefined();
  });

  it('after the commit, the member is one', async () => {
    const { ClusterId, master } = home;
    const member = await newHsm(rig);
    const confirm = vi.spyOn(await adminOf(member), 'confirmJoin').mockRejectedValueOnce(new Error('crash'));
    expect(await join(ClusterId, member)).toBe('OK');
    expect(confirm).toHaveBeenCalled();
    expect((await adminOf(member)).joining()).toBe(true);
    await rig.pipeline.reopen();
    const admin = await adminOf(member);
    expect(admin.joining()).toBe(false);
    expect(await admin.digest()).toBe(await (await adminOf(master)).digest());
  });

  it('of the database at the commit, nothing is taken back before it is known what happened', async () => {
    const { ClusterId } = home;
    const newcomer = await newHsm(rig);
    const { storage } = rig.pipeline.coffer;
    const transaction = storage.transaction.bind(storage);
    vi.spyOn(storage, 'transaction').mockImplementationOnce(async (work) => {
      await transaction(work);
      throw new StorageDown('lost');
    });
    expect(await join(ClusterId, newcomer)).toBe('ServiceUnavailable');
    expect(await (await adminOf(newcomer)).digest()).toBeDefined();
    expect(await showInstance(rig, newcomer)).toMatchObject({ ClusterId });
    await rig.pipeline.reopen();
    expect(await (await adminOf(newcomer)).digest()).toBeDefined();
  });
});

describe('while one call works on an HSM', () => {
  it('it does not leave its cluster', async () => {
    const { ClusterId, master } = await readyCluster(rig);
    const member = await newHsm(rig);
    expect(await join(ClusterId, member)).toBe('OK');
    await makeUser(rig, master, 'late');
    const { reached, go } = await clonePaused(master);
    const syncing = codeOf('SyncInCluster', { ClusterId });
    await reached;
    const remove = () => codeOf('RemoveInstancesFromCluster', { ClusterId, HsmInstanceIds: member });
    expect(await remove()).toBe('OperationConflict.Hsm');
    go();
    expect(await syncing).toBe('OK');
    expect(await remove()).toBe('OK');
    expect(await wiped(rig, member)).toMatchObject({ Status: 'ACTIVE', Digest: '' });
  });

  it('it is not reset', async () => {
    const { ClusterId, master } = home;
    const newcomer = await activeHsm(rig);
    const { reached, go } = await clonePaused(master);
    const joining = join(ClusterId, newcomer);
    await reached;
    expect(await codeOf('ResetInstance', { InstanceId: newcomer })).toBe('OperationConflict.Hsm');
    go();
    expect(await joining).toBe('OK');
  });

  it('a moved clock does not let another in', async () => {
    const { ClusterId, master } = home;
    const newcomer = await activeHsm(rig);
    const { reached, go } = await clonePaused(master);
    const joining = join(ClusterId, newcomer);
    await reached;
    rig.pipeline.advance(3_600_000);
    expect(await codeOf('InitializeInstanceAdmin', { InstanceId: newcomer })).toBe('OperationConflict.Hsm');
    go();
    expect(await joining).toBe('OK');
  });

  it('of several that are copied, one that has left by another node meanwhile is not filled', async () => {
    const { ClusterId, master } = await readyCluster(rig);
    const members = [await newHsm(rig), await newHsm(rig)];
    expect(await join(ClusterId, members.join())).toBe('OK');
    await makeUser(rig, master, 'late');
    const others = (await showMembers(rig, ClusterId)).filter((hsm) => hsm.InstanceId !== master);
    const second = others[1]!.InstanceId as string;
    const { reached, go } = await clonePaused(master);
    const syncing = codeOf('SyncInCluster', { ClusterId });
    await reached;
    const { clusterId: _, ...left } = await recordOf(second);
    await rig.pipeline.coffer.storage.transaction((tx) =>
      tx.update(HSM_INSTANCES, place(), { ...left, state: 'RESET' }),
    );
    const before = await (await adminOf(second)).digest();
    go();
    expect(await syncing).toBe('OperationConflict.Hsm');
    expect(await (await adminOf(second)).digest()).toBe(before);
    expect((await showCluster(rig, ClusterId))!.ClusterSize).toBe(2);
  });
});
