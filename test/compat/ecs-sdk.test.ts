import ecs from '@alicloud/ecs20140526';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../support/coffer.ts';
import { popCall, refusalOf, sdkClient } from '../support/sdk.ts';

let server: TestServer;
let client: InstanceType<typeof ecs.default>;
let vpcId: string;
let vSwitchId: string;

const regionId = 'cn-hangzhou';

beforeAll(async () => {
  server = await startTestServer();
  client = sdkClient(ecs.default, { server });
  const call = popCall({ server });
  const made = await call('Vpc', 'CreateVpc', { RegionId: regionId, CidrBlock: '192.168.0.0/16' });
  vpcId = made.VpcId;
  vSwitchId = await newVSwitch('192.168.1.0/24');
});
afterAll(() => server.close());

async function newVSwitch(CidrBlock: string): Promise<string> {
  const parameters = { RegionId: regionId, VpcId: vpcId, ZoneId: 'cn-hangzhou-a', CidrBlock };
  return (await popCall({ server })('Vpc', 'CreateVSwitch', parameters)).VSwitchId;
}

async function newGroup(name = 'compat'): Promise<string> {
  const request = new ecs.CreateSecurityGroupRequest({
    regionId,
    vpcId,
    securityGroupName: name,
    description: 'for the test',
  });
  return (await client.createSecurityGroup(request)).body!.securityGroupId!;
}

async function newInterface(options: ConstructorParameters<typeof ecs.CreateNetworkInterfaceRequest>[0]) {
  return (
    await client.createNetworkInterface(new ecs.CreateNetworkInterfaceRequest({ regionId, vSwitchId, ...options }))
  ).body!;
}

async function rulesOf(securityGroupId: string) {
  const request = new ecs.DescribeSecurityGroupAttributeRequest({ regionId, securityGroupId });
  return (await client.describeSecurityGroupAttribute(request)).body!.permissions!.permission!;
}

describe('security groups', () => {
  it('are made, listed and deleted', async () => {
    const securityGroupId = await newGroup('listed');
    const request = new ecs.DescribeSecurityGroupsRequest({ regionId, vpcId, securityGroupName: 'listed' });
    const { securityGroups } = (await client.describeSecurityGroups(request)).body!;
    expect(securityGroups!.securityGroup).toMatchObject([
      { securityGroupId, vpcId, securityGroupName: 'listed', description: 'for the test' },
    ]);
    await client.deleteSecurityGroup(new ecs.DeleteSecurityGroupRequest({ regionId, securityGroupId }));
    expect(
      await refusalOf(client.deleteSecurityGroup(new ecs.DeleteSecurityGroupRequest({ regionId, securityGroupId }))),
    ).toMatchObject({ status: expect.any(Number) });
    expect((await client.describeSecurityGroups(request)).body!.securityGroups!.securityGroup).toEqual([]);
  });

  it('take rules in lists and one by one, and give them back', async () => {
    const securityGroupId = await newGroup();
    const inward = { ipProtocol: 'TCP', portRange: '2225/2225', sourceCidrIp: '192.168.0.0/16', description: 'HSMs' };
    await client.authorizeSecurityGroup(
      new ecs.AuthorizeSecurityGroupRequest({
        regionId,
        securityGroupId,
        permissions: [
          new ecs.AuthorizeSecurityGroupRequestPermissions(inward),
          new ecs.AuthorizeSecurityGroupRequestPermissions({
            ipProtocol: 'ALL',
            portRange: '-1/-1',
            sourceCidrIp: '10.0.0.0/8',
            policy: 'drop',
            priority: '5',
          }),
        ],
      }),
    );
    const outward = { ipProtocol: 'TCP', portRange: '2225/2225', destCidrIp: '192.168.1.0/24' };
    await client.authorizeSecurityGroupEgress(
      new ecs.AuthorizeSecurityGroupEgressRequest({ regionId, securityGroupId, ...outward }),
    );
    const rules = await rulesOf(securityGroupId);
    expect(rules.map(({ direction, portRange, policy }) => `${direction} ${portRange} ${policy}`).sort()).toEqual([
      'egress 2225/2225 Accept',
      'ingress -1/-1 Drop',
      'ingress 2225/2225 Accept',
    ]);
    await client.revokeSecurityGroup(
      new ecs.RevokeSecurityGroupRequest({
        regionId,
        securityGroupId,
        permissions: [new ecs.RevokeSecurityGroupRequestPermissions(inward)],
      }),
    );
    await client.revokeSecurityGroupEgress(
      new ecs.RevokeSecurityGroupEgressRequest({ regionId, securityGroupId, ...outward }),
    );
    expect(await rulesOf(securityGroupId)).toMatchObject([{ policy: 'Drop', priority: '5' }]);
  });

  it.each([
    [{ ipProtocol: 'XYZ', portRange: '1/2', sourceCidrIp: '10.0.0.0/8' }, 'InvalidIpProtocol.Malformed'],
    [{ ipProtocol: 'TCP', portRange: '0/70000', sourceCidrIp: '10.0.0.0/8' }, 'InvalidIpPortRange.Malformed'],
    [{ ipProtocol: 'TCP', portRange: '1/2', sourceCidrIp: '10.0.0.1/8' }, 'InvalidSourceCidrIp.Malformed'],
    [{ ipProtocol: 'TCP', portRange: '1/2' }, 'MissingParameter.Source'],
  ])('refuse the rule %o', async (rule, code) => {
    const securityGroupId = await newGroup();
    const request = new ecs.AuthorizeSecurityGroupRequest({ regionId, securityGroupId, ...rule });
    expect(await refusalOf(client.authorizeSecurityGroup(request))).toMatchObject({ code, status: 400 });
    expect(await rulesOf(securityGroupId)).toEqual([]);
  });
});

describe('network interfaces', () => {
  it('take addresses of their vSwitch and give them back', async () => {
    const securityGroupId = await newGroup();
    const made = await newInterface({
      securityGroupId,
      networkInterfaceName: 'compat',
      primaryIpAddress: '192.168.1.77',
    });
    expect(made).toMatchObject({ privateIpAddress: '192.168.1.77', status: 'Available', vpcId, vSwitchId });
    expect(made.macAddress).toMatch(/^00:16:3e(:[0-9a-f]{2}){3}$/);
    expect(await refusalOf(newInterface({ securityGroupId, primaryIpAddress: '192.168.1.77' }))).toMatchObject({
      code: 'InvalidIp.IpAssigned',
    });
    const networkInterfaceId = made.networkInterfaceId!;
    const listed = (
      await client.describeNetworkInterfaces(
        new ecs.DescribeNetworkInterfacesRequest({ regionId, networkInterfaceId: [networkInterfaceId] }),
      )
    ).body!;
    expect(listed.networkInterfaceSets!.networkInterfaceSet).toMatchObject([
      {
        networkInterfaceId,
        privateIpAddress: '192.168.1.77',
        securityGroupIds: { securityGroupId: [securityGroupId] },
        privateIpSets: { privateIpSet: [{ privateIpAddress: '192.168.1.77', primary: true }] },
      },
    ]);
    const inUse = client.deleteSecurityGroup(new ecs.DeleteSecurityGroupRequest({ regionId, securityGroupId }));
    expect(await refusalOf(inUse)).toMatchObject({ code: 'DependencyViolation', status: 403 });
    await client.deleteNetworkInterface(new ecs.DeleteNetworkInterfaceRequest({ regionId, networkInterfaceId }));
    await newInterface({ securityGroupId, primaryIpAddress: '192.168.1.77' });
  });

  it('run out', async () => {
    const securityGroupId = await newGroup();
    const small = await newVSwitch('192.168.2.0/29');
    for (let taken = 0; taken < 4; taken += 1) await newInterface({ securityGroupId, vSwitchId: small });
    expect(await refusalOf(newInterface({ securityGroupId, vSwitchId: small }))).toMatchObject({
      code: 'InvalidVSwitchId.IpNotEnough',
      status: 400,
    });
  });

  it('are lent to other accounts, once each', async () => {
    const { networkInterfaceId } = await newInterface({ securityGroupId: await newGroup() });
    const request = new ecs.CreateNetworkInterfacePermissionRequest({
      regionId,
      networkInterfaceId: networkInterfaceId!,
      accountId: 1234567890123456,
      permission: 'InstanceAttach',
    });
    const permit = async () =>
      (await client.createNetworkInterfacePermission(request)).body!.networkInterfacePermission!;
    const { networkInterfacePermissionId } = await permit();
    expect((await permit()).networkInterfacePermissionId).toBe(networkInterfacePermissionId);
    await client.deleteNetworkInterfacePermission(
      new ecs.DeleteNetworkInterfacePermissionRequest({
        regionId,
        networkInterfacePermissionId: networkInterfacePermissionId!,
      }),
    );
    const listed = await client.describeNetworkInterfacePermissions(
      new ecs.DescribeNetworkInterfacePermissionsRequest({ regionId, networkInterfaceId: networkInterfaceId! }),
    );
    expect(listed.body!.networkInterfacePermissions!.networkInterfacePermission).toEqual([]);
  });
});
