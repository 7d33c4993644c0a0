import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '../../src/operation/context.ts';
import { activeHsm, type HsmRig, newHsm, openHsmRig } from './support.ts';

let rig: HsmRig;
let count = 0;
beforeAll(async () => {
  rig = await openHsmRig();
});
afterAll(() => rig.pipeline.close());

/** A user who may do everything on `allowed`, and nothing on `denied`. */
function userWith(allowed: string | readonly string[], denied?: string): Promise<Caller> {
  const deny = denied === undefined ? [] : [{ Effect: 'Deny', Action: 'yundun-hsm:*', Resource: denied }];
  count += 1;
  return rig.pipeline.user(`user-${count}`, {
    Version: '1',
    Statement: [{ Effect: 'Allow', Action: 'yundun-hsm:*', Resource: allowed }, ...deny],
  });
}
const instance = (id: string) => `acs:yundun-hsm:*:*:instance/${id}`;
const vSwitch = (id: string) => `acs:vpc:*:*:vswitch/${id}`;
const CLUSTERS = 'acs:yundun-hsm:*:*:cluster/*';
const codeOf = (caller: Caller, operation: string, values: Record<string, string>) =>
  rig.pipeline.codeOf(caller, 'Hsm', operation, values);

describe('who may do everything with clusters', () => {
  it('does not found one from an HSM that is denied, there or not', async () => {
    const InstanceId = await activeHsm(rig);
    const create = (caller: Caller, MasterInstanceId: string) =>
      codeOf(caller, 'CreateCluster', { ClusterName: 'c', MasterInstanceId });
    const barred = await userWith(['acs:yundun-hsm:*:*:*'], instance(InstanceId));
    expect(await create(barred, InstanceId)).toBe('Forbidden.RAM');
    const clustersOnly = await userWith(CLUSTERS);
    expect(await create(clustersOnly, InstanceId)).toBe('Forbidden.RAM');
    expect(await create(clustersOnly, 'hsm-none')).toBe('Forbidden.RAM');
    expect(await create(barred, 'hsm-none')).toBe('InvalidInstance.NotFound');
    expect(await create(await userWith([CLUSTERS, instance(InstanceId)]), InstanceId)).toBe('OK');
  });

  it.each(['AddInstancesToCluster', 'RemoveInstancesFromCluster'])(
    '%s asks for each HSM, before it looks at any',
    async (operation) => {
      const caller = await userWith([CLUSTERS, instance('hsm-mine')]);
      const call = (HsmInstanceIds: string) => codeOf(caller, operation, { ClusterId: 'cluster-none', HsmInstanceIds });
      expect(await call('hsm-mine')).toBe('InvalidCluster.NotFound');
      expect(await call('hsm-other')).toBe('Forbidden.RAM');
      expect(await call('hsm-mine,hsm-other')).toBe('Forbidden.RAM');
      expect(await call('hsm-other,hsm-mine')).toBe('Forbidden.RAM');
    },
  );
});

describe('an address of a vSwitch', () => {
  it('is taken with a permission on the vSwitch, there or not', async () => {
    const InstanceId = await newHsm(rig);
    const [VSwitchId] = rig.vSwitches;
    const place = (caller: Caller, id: string) =>
      codeOf(caller, 'ConfigNetwork', { InstanceId, VpcId: rig.vpcId, VSwitchId: id });
    const without = await userWith(instance('*'));
    expect(await place(without, VSwitchId)).toBe('Forbidden.RAM');
    expect(await place(without, 'vsw-none')).toBe('Forbidden.RAM');
    const allowed = await userWith([instance('*'), vSwitch(VSwitchId), vSwitch('vsw-none')]);
    expect(await place(allowed, 'vsw-none')).toBe('InvalidVSwitchId.NotFound');
    expect(await place(allowed, VSwitchId)).toBe('OK');
  });

  it('is not to be had by way of a cluster', async () => {
    const caller = await userWith([CLUSTERS, vSwitch('vsw-mine')]);
    const configure = (values: Record<string, string>) =>
      codeOf(caller, 'ConfigureCluster', { ClusterId: 'cluster-none', ...values });
    expect(await configure({ VSwitchIds: 'vsw-mine' })).toBe('InvalidCluster.NotFound');
    expect(await configure({ VSwitchIds: 'vsw-mine,vsw-other' })).toBe('Forbidden.RAM');
    expect(await configure({ ClusterName: 'named' })).toBe('InvalidCluster.NotFound');
  });
});
