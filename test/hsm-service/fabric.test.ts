import { afterAll, beforeAll, expect, it } from 'vitest';
import type { NetworkFabric, Path } from '../../src/domain/network/fabric.ts';
import { AttachRefused } from '../../src/domain/network/fabric.ts';
import { createNetworkFabric } from '../../src/network/fabric.ts';
import { itemsOf, makeGroup, makeInterface, REGION, textOf } from '../network/support.ts';
import { type HsmRig, newHsm, openHsmRig } from './support.ts';

const SERVICE = '1000000000000001';
let rig: HsmRig;
let fabric: NetworkFabric;
let group: string;
let eni: string;
let hsm: string;

const place = () => ({ account: rig.pipeline.account, region: REGION });
const path = async (port = 2225, ip = '10.0.2.10'): Promise<string> => {
  const answer: Path = await fabric.path(place(), { networkInterfaceId: eni, ip, port });
  return answer.ok ? answer.instanceId : answer.reason;
};
const rule = (operation: string, more: Record<string, string>) =>
  rig.root.call('Ecs', operation, {
    SecurityGroupId: group,
    'Permissions.1.IpProtocol': 'TCP',
    'Permissions.1.PortRange': '2223/2225',
    ...more,
  });
const inward = { 'Permissions.1.SourceCidrIp': '10.0.1.0/24' };
const outward = { 'Permissions.1.DestCidrIp': '10.0.2.0/24' };
const permit = () =>
  rig.root.call('Ecs', 'CreateNetworkInterfacePermission', {
    NetworkInterfaceId: eni,
    AccountId: SERVICE,
    Permission: 'InstanceAttach',
  });
const refusal = async (work: Promise<void>): Promise<string> => {
  try {
    await work;
    return 'OK';
  } catch (error) {
    if (error instanceof AttachRefused) return error.reason;
    throw error;
  }
};

beforeAll(async () => {
  rig = await openHsmRig();
  const { storage, clock, random } = rig.pipeline.coffer;
  fabric = createNetworkFabric({ storage, clock, random });
  group = await makeGroup(rig.root, rig.vpcId);
  eni = textOf(await makeInterface(rig.root, rig.vSwitches[0], group), 'NetworkInterfaceId');
  hsm = await newHsm(rig);
  const values = { InstanceId: hsm, VpcId: rig.vpcId, VSwitchId: rig.vSwitches[1], Ip: '10.0.2.10' };
  await rig.root.call('Hsm', 'ConfigNetwork', values);
});
afterAll(() => rig.pipeline.close());

it('opens a path when permission, attachment, rules and whitelist all let it, and shuts it with any of them', async () => {
  expect(await refusal(fabric.attach(place(), 'eni-none', SERVICE))).toBe('NoInterface');
  expect(await refusal(fabric.attach(place(), eni, SERVICE))).toBe('NotPermitted');
  expect(await path()).toBe('InterfaceNotAttached');

  const permission = (await permit()).NetworkInterfacePermission as Record<string, string>;
  expect(permission).toMatchObject({ PermissionState: 'Granted', AccountId: Number(SERVICE) });
  expect((await permit()).NetworkInterfacePermission, 'asking again tells the same').toEqual(permission);
  expect(await refusal(fabric.attach(place(), eni, '1000000000000002'))).toBe('NotPermitted');
  expect(await refusal(fabric.attach(place(), eni, SERVICE))).toBe('OK');
  expect(await refusal(fabric.attach(place(), eni, SERVICE)), 'again').toBe('OK');

  const shown = await rig.root.call('Ecs', 'DescribeNetworkInterfaces', { 'NetworkInterfaceId.1': eni });
  expect(itemsOf(shown, 'NetworkInterfaceSets')[0]).toMatchObject({
    Status: 'InUse',
    InstanceId: `i-service-${SERVICE}`,
  });
  expect(await rig.root.codeOf('Ecs', 'DeleteNetworkInterface', { NetworkInterfaceId: eni })).toBe(
    'InvalidOperation.InvalidEniState',
  );

  expect(await path()).toBe('IngressDenied');
  await rule('AuthorizeSecurityGroup', inward);
  expect(await path()).toBe('WhitelistDenied');
  await rig.root.call('Hsm', 'ConfigWhiteList', { InstanceId: hsm, WhiteList: '10.0.1.0/24' });
  expect(await path()).toBe(hsm);
  expect(await path(2224)).toBe('PortClosed');
  expect(await path(2226)).toBe('IngressDenied');
  expect(await path(2225, '10.0.2.11')).toBe('NoHsm');

  // Each of these takes effect at once, and goes away with its cause.
  await rule('AuthorizeSecurityGroupEgress', { ...outward, 'Permissions.1.Policy': 'drop' });
  expect(await path()).toBe('EgressDenied');
  await rule('RevokeSecurityGroupEgress', { ...outward, 'Permissions.1.Policy': 'drop' });
  await rule('RevokeSecurityGroup', inward);
  expect(await path()).toBe('IngressDenied');
  await rule('AuthorizeSecurityGroup', inward);
  await rig.root.call('Hsm', 'PauseInstance', { InstanceId: hsm });
  expect(await path()).toBe('HsmNotActive');
  await rig.root.call('Hsm', 'ResumeInstance', { InstanceId: hsm });
  expect(await path()).toBe(hsm);

  const permissionId = { NetworkInterfacePermissionId: permission.NetworkInterfacePermissionId! };
  const takeBack = (Force: string) =>
    rig.root.codeOf('Ecs', 'DeleteNetworkInterfacePermission', { ...permissionId, Force });
  expect(await takeBack('false')).toBe('InvalidOperation.EniInUse');
  expect(await takeBack('true')).toBe('OK');
  expect(await path()).toBe('InterfaceNotAttached');
  await permit();
  await fabric.attach(place(), eni, SERVICE);
  await fabric.detach(place(), eni, '1000000000000002');
  expect(await path(), 'another account cannot take it off').toBe(hsm);
  await fabric.detach(place(), eni, SERVICE);
  await fabric.detach(place(), eni, SERVICE);
  expect(await path()).toBe('InterfaceNotAttached');
  await rig.root.call('Ecs', 'DeleteNetworkInterface', { NetworkInterfaceId: eni });
  expect(await path()).toBe('NoInterface');
  const left = await rig.root.call('Ecs', 'DescribeNetworkInterfacePermissions', { NetworkInterfaceId: eni });
  expect(left.TotalCount, 'permissions go with their interface').toBe(0);
});

it('writes attaching and detaching into the audit trail', async () => {
  const names = async (name: string) =>
    (
      (await rig.pipeline.call(rig.pipeline.root, 'ActionTrail', 'LookupEvents', {
        'LookupAttribute.1.Key': 'EventName',
        'LookupAttribute.1.Value': name,
      })) as { Events: { items?: unknown[] } | unknown[] }
    ).Events;
  expect(JSON.stringify(await names('NetworkInterfaceAttached'))).toContain(SERVICE);
  expect(JSON.stringify(await names('NetworkInterfaceDetached'))).toContain(SERVICE);
});
