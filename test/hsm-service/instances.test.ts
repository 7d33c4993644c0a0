import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { HSM_INSTANCES } from '../../src/domain/hsm-service/instance.ts';
import { INSTANCE_NUMBERS } from '../../src/domain/hsm-service/instance-states.ts';
import { makeGroup, makeInterface, makeVpc, REGION } from '../network/support.ts';
import {
  activeHsm,
  type HsmRig,
  makeUser,
  newHsm,
  openHsmRig,
  PASSWORD,
  showInstance,
  usersOf,
  wiped,
} from './support.ts';

let rig: HsmRig;
const codeOf = (operation: string, values: Record<string, string>) => rig.root.codeOf('Hsm', operation, values);

beforeAll(async () => {
  rig = await openHsmRig();
});
afterAll(() => rig.pipeline.close());

describe('an HSM', () => {
  it('is taken from a model, as long as there is one', async () => {
    const models = async () => (await rig.root.call('Hsm', 'DescribeHsmModels')).Models as { items: object[] };
    expect((await models()).items).toContainEqual({ Model: 'one', Vendor: 'softhsm2', Free: 1 });
    const InstanceId = await newHsm(rig, 'one');
    expect(await codeOf('CreateInstance', { Model: 'one' })).toBe('HsmCapacityExceeded');
    expect(await codeOf('CreateInstance', { Model: 'none' })).toBe('InvalidHsmModel.NotFound');
    expect((await models()).items).toContainEqual({ Model: 'one', Vendor: 'softhsm2', Free: 0 });
    await rig.root.call('Hsm', 'ReleaseInstance', { InstanceId });
    expect(await wiped(rig, InstanceId)).toBeUndefined();
    // It is given back right behind the commit, and whoever asks then waits for it.
    expect(await codeOf('CreateInstance', { Model: 'one' })).toBe('OK');
  });

  it('is taken by the words of the vendor’s SDK too, shown in its types, and gets a remark', async () => {
    const before = Date.now();
    const taken = await rig.root.call('Hsm', 'CreateInstance', { HsmDeviceType: 'soft', Quantity: '1', Period: '1' });
    const { InstanceId } = taken as { InstanceId: string };
    expect(taken.InstanceIds).toMatchObject({ items: [InstanceId] });
    await rig.root.call('Hsm', 'ModifyInstance', { InstanceId, Remark: 'hall A' });
    const shown = await showInstance(rig, InstanceId);
    expect(shown).toMatchObject({ HsmDeviceType: 'soft', Remark: 'hall A', CreateTime: expect.any(Number) });
    expect(Math.abs((shown!.CreateTime as number) - before)).toBeLessThan(3_600_000);
    await rig.root.call('Hsm', 'ModifyInstance', { InstanceId });
    expect(await showInstance(rig, InstanceId)).toMatchObject({ Remark: '' });
    expect(await codeOf('CreateInstance', {})).toBe('MissingModel');
    expect(await codeOf('CreateInstance', { Model: 'soft', HsmDeviceType: 'one' })).toBe('InvalidHsmModel.NotFound');
    expect(await codeOf('CreateInstance', { Model: 'soft', Quantity: '2' })).toBe('InvalidParameter.Quantity');
    expect(await codeOf('ModifyInstance', { InstanceId: 'hsm-none', Remark: 'x' })).toBe('InvalidInstance.NotFound');
    const { Regions } = await rig.root.call('Hsm', 'DescribeRegions');
    expect(Regions).toMatchObject({ items: [{ RegionId: REGION, Zones: { items: [{}, {}, {}] } }] });
  });

  it('gets an address of its vSwitch, which then is nobody else’s', async () => {
    const InstanceId = await newHsm(rig);
    expect(await showInstance(rig, InstanceId)).toMatchObject({
      Status: 'PENDING',
      HsmStatus: 0,
      InitStatus: 0,
      Ip: '',
    });
    const [VSwitchId] = rig.vSwitches;
    const place = (values: object) => codeOf('ConfigNetwork', { InstanceId, VpcId: rig.vpcId, VSwitchId, ...values });
    expect(await place({ VpcId: 'vpc-none' })).toBe('InvalidVpcID.NotFound');
    expect(await place({ VSwitchId: 'vsw-none' })).toBe('InvalidVSwitchId.NotFound');
    expect(await place({ VpcId: await makeVpc(rig.root) })).toBe('InvalidVSwitchId.NotFound');
    expect(await place({ Ip: '10.0.1.0' })).toBe('InvalidIp.Address');
    expect(await place({ Ip: '10.0.1.254' })).toBe('InvalidIp.Address');
    expect(await place({ Ip: '10.0.2.5' })).toBe('InvalidIp.Address');
    expect(await place({ Ip: '10.0.1.100' })).toBe('OK');
    expect(await showInstance(rig, InstanceId)).toMatchObject({
      Status: 'ACTIVE',
      HsmStatus: INSTANCE_NUMBERS.ACTIVE,
      Ip: '10.0.1.100',
      VpcId: rig.vpcId,
      VswitchId: VSwitchId,
      ZoneId: 'cn-hangzhou-a',
    });
    const group = await makeGroup(rig.root, rig.vpcId);
    const eni = { VSwitchId, SecurityGroupId: group, PrimaryIpAddress: '10.0.1.100' };
    expect(await rig.root.codeOf('Ecs', 'CreateNetworkInterface', eni)).toBe('InvalidIp.IpAssigned');
    expect(await rig.root.codeOf('Vpc', 'DeleteVSwitch', { VSwitchId })).toBe('DependencyViolation');
    expect(await place({ Ip: '10.0.1.101' }), 'it may move').toBe('OK');
    await makeInterface(rig.root, VSwitchId, group, { PrimaryIpAddress: '10.0.1.100' });
    await rig.root.call('Hsm', 'ReleaseInstance', { InstanceId });
    await wiped(rig, InstanceId);
    await makeInterface(rig.root, VSwitchId, group, { PrimaryIpAddress: '10.0.1.101' });
  });

  it('is paused, resumed and reset as its states say', async () => {
    const InstanceId = await activeHsm(rig);
    const id = { InstanceId };
    await rig.root.call('Hsm', 'InitializeInstanceAdmin', id);
    await makeUser(rig, InstanceId);
    expect(await codeOf('ResumeInstance', id)).toBe('IncorrectInstanceStatus');
    expect(await codeOf('ResetPausedInstance', id)).toBe('IncorrectInstanceStatus');
    expect(await codeOf('PauseInstance', id)).toBe('OK');
    expect((await showInstance(rig, InstanceId))!.Status).toBe('PAUSED');
    expect(await codeOf('PauseInstance', id)).toBe('IncorrectInstanceStatus');
    expect(await codeOf('ResetInstance', id)).toBe('IncorrectInstanceStatus');
    expect(await codeOf('CreateHsmUser', { ...id, UserName: 'u', Password: PASSWORD })).toBe('IncorrectInstanceStatus');
    expect(await codeOf('ResumeInstance', id)).toBe('OK');
    expect(await usersOf(rig, InstanceId)).toEqual(['kmsuser']);
    expect(await codeOf('ResetInstance', id)).toBe('OK');
    expect(await wiped(rig, InstanceId)).toMatchObject({ Status: 'ACTIVE', InitStatus: 0 });
    expect(await codeOf('DescribeHsmUsers', id)).toBe('InstanceNotInitialized');
    await rig.root.call('Hsm', 'InitializeInstanceAdmin', id);
    expect(await usersOf(rig, InstanceId), 'nothing is left').toEqual([]);
  });

  it('has users once an officer is in charge', async () => {
    const InstanceId = await activeHsm(rig);
    const user = { InstanceId, UserName: 'kmsuser', Password: PASSWORD };
    expect(await codeOf('CreateHsmUser', user)).toBe('InstanceNotInitialized');
    expect(await codeOf('InitializeInstanceAdmin', { InstanceId })).toBe('OK');
    expect(await codeOf('InitializeInstanceAdmin', { InstanceId })).toBe('InstanceInitialized');
    expect(await codeOf('CreateHsmUser', { ...user, Password: 'short6' })).toBe('InvalidParameter.Password');
    expect(await codeOf('CreateHsmUser', { ...user, Password: 'x'.repeat(33) })).toBe('InvalidParameter.Password');
    expect(await codeOf('CreateHsmUser', { ...user, UserType: 'CO' })).toBe('InvalidParameter.UserType');
    expect(await codeOf('ChangeHsmUserPassword', user)).toBe('InvalidHsmUser.NotFound');
    expect(await codeOf('CreateHsmUser', user)).toBe('OK');
    expect(await codeOf('CreateHsmUser', user)).toBe('HsmUserExists');
    expect(await codeOf('ChangeHsmUserPassword', user)).toBe('OK');
    expect(await usersOf(rig, InstanceId)).toEqual(['kmsuser']);
    expect(await codeOf('DeleteHsmUser', { InstanceId, UserName: 'kmsuser' })).toBe('OK');
    expect(await codeOf('DeleteHsmUser', { InstanceId, UserName: 'kmsuser' })).toBe('InvalidHsmUser.NotFound');
    expect(await usersOf(rig, InstanceId)).toEqual([]);
  });

  it('tells who guesses, and who is locked', async () => {
    const InstanceId = await activeHsm(rig);
    await rig.root.call('Hsm', 'InitializeInstanceAdmin', { InstanceId });
    await makeUser(rig, InstanceId);
    const shown = async () =>
      ((await rig.root.call('Hsm', 'DescribeHsmUsers', { InstanceId })).Users as { items: object[] }).items[0];
    expect(await shown()).toEqual({ UserName: 'kmsuser', UserType: 'CU', FailedLogins: 0, Locked: false });
    const { storage, devices } = rig.pipeline.coffer;
    const place = { account: rig.pipeline.account, region: REGION };
    const { deviceId } = (await storage.reader.get(HSM_INSTANCES, place, InstanceId))!;
    // Only a member of a cluster takes links.
    await devices.admin(deviceId).createClusterIdentity();
    const link = await devices.dial(deviceId, 10_000);
    for (let wrong = 0; wrong < 5; wrong += 1) {
      await expect(link.login('kmsuser', Secret.ofText('wrong-password'))).rejects.toThrow('wrong password');
    }
    expect(await shown()).toMatchObject({ FailedLogins: 5, Locked: true });
    await rig.root.call('Hsm', 'ChangeHsmUserPassword', { InstanceId, UserName: 'kmsuser', Password: PASSWORD });
    expect(await shown()).toMatchObject({ FailedLogins: 0, Locked: false });
    await link.login('kmsuser', Secret.ofText(PASSWORD));
    link.close();
  });

  it('keeps passwords out of the audit trail', async () => {
    const InstanceId = await activeHsm(rig);
    await rig.root.call('Hsm', 'InitializeInstanceAdmin', { InstanceId });
    await rig.root.call('Hsm', 'CreateHsmUser', { InstanceId, UserName: 'canary', Password: 'Canary-12345' });
    const events = JSON.stringify(
      await rig.pipeline.call(rig.pipeline.root, 'ActionTrail', 'LookupEvents', {
        'LookupAttribute.1.Key': 'EventName',
        'LookupAttribute.1.Value': 'CreateHsmUser',
      }),
    );
    expect(events).toContain('canary');
    expect(events).not.toContain('Canary-12345');
  });

  it('takes a whitelist of its own only outside clusters, and no open door', async () => {
    const InstanceId = await activeHsm(rig);
    expect(await codeOf('ConfigWhiteList', { InstanceId, WhiteList: '0.0.0.0/0' })).toBe('InvalidWhiteList');
    expect(await codeOf('ConfigWhiteList', { InstanceId, WhiteList: '10.0.1.0/24,10.0.2.7' })).toBe('OK');
    // Left out, or under the name that clusters have for it: a slip must not shut everybody out.
    expect(await codeOf('ConfigWhiteList', { InstanceId })).toBe('MissingWhiteList');
    expect(await codeOf('ConfigWhiteList', { InstanceId, IpWhiteList: '10.0.1.0/24' })).toBe('MissingWhiteList');
    expect((await showInstance(rig, InstanceId))!.WhiteList).toMatchObject({ items: ['10.0.1.0/24', '10.0.2.7'] });
    expect(await codeOf('ConfigWhiteList', { InstanceId, WhiteList: '' })).toBe('OK');
    expect((await showInstance(rig, InstanceId))!.WhiteList).toMatchObject({ items: [] });
  });

  it('that nobody has is not found', async () => {
    for (const operation of ['PauseInstance', 'ResetInstance', 'ReleaseInstance', 'DescribeHsmUsers']) {
      expect(await codeOf(operation, { InstanceId: 'hsm-none' })).toBe('InvalidInstance.NotFound');
    }
    const nobody = await rig.pipeline.user('nobody');
    expect(await rig.pipeline.codeOf(nobody, 'Hsm', 'PauseInstance', { InstanceId: 'hsm-none' })).toBe('Forbidden.RAM');
  });
});

it('gives back an HSM that a crash has left without owner, and no other', async () => {
  const orphan = await rig.pipeline.coffer.devices.provision('soft');
  const kept = await rig.pipeline.coffer.devices.provision('soft');
  await rig.pipeline.coffer.devices.admin(kept.deviceId).initialise();
  const owned = rig.pipeline.coffer.devices.devices().length - 2;
  await rig.pipeline.reopen();
  const devices = rig.pipeline.coffer.devices.devices();
  expect(devices).not.toContain(orphan.deviceId);
  expect(devices, 'what holds a token is never touched').toContain(kept.deviceId);
  expect(devices).toHaveLength(owned + 1);
});
