import ecs from '@alicloud/ecs20140526';
import vpc from '@alicloud/vpc20160428';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProductName } from '../../src/domain/products.ts';
import { startTestServer, type TestServer } from '../support/coffer.ts';
import { type Call, popCall, refusalOf, sdkClient } from '../support/sdk.ts';

const regionId = 'cn-hangzhou';
let server: TestServer;
let call: Call;
let vpcClient: InstanceType<typeof vpc.default>;
let ecsClient: InstanceType<typeof ecs.default>;
/** Made by the official clients. */
let made: { vpcId: string; vSwitchId: string; securityGroupId: string; networkInterfaceId: string };

interface Body {
  toMap(): Record<string, unknown>;
}

beforeAll(async () => {
  server = await startTestServer();
  call = popCall({ server });
  vpcClient = sdkClient(vpc.default, { server });
  ecsClient = sdkClient(ecs.default, { server });
  const tag = [{ key: 'made-by', value: 'sdk' }];
  const { vpcId } = (await vpcClient.createVpc(new vpc.CreateVpcRequest({ regionId, cidrBlock: '10.0.0.0/8', tag })))
    .body!;
  const { vSwitchId } = (
    await vpcClient.createVSwitch(
      new vpc.CreateVSwitchRequest({ regionId, vpcId, zoneId: 'cn-hangzhou-a', cidrBlock: '10.0.1.0/24', tag }),
    )
  ).body!;
  const { securityGroupId } = (
    await ecsClient.createSecurityGroup(
      new ecs.CreateSecurityGroupRequest({ regionId, vpcId: vpcId!, securityGroupName: 'sdk', tag }),
    )
  ).body!;
  await ecsClient.authorizeSecurityGroup(
    new ecs.AuthorizeSecurityGroupRequest({
      regionId,
      securityGroupId: securityGroupId!,
      permissions: [
        new ecs.AuthorizeSecurityGroupRequestPermissions({
          ipProtocol: 'TCP',
          portRange: '2223/2225',
          sourceCidrIp: '10.0.1.0/24',
          description: 'HSM',
        }),
      ],
    }),
  );
  const { networkInterfaceId } = (
    await ecsClient.createNetworkInterface(
      new ecs.CreateNetworkInterfaceRequest({
        regionId,
        vSwitchId: vSwitchId!,
        securityGroupIds: [securityGroupId!],
        networkInterfaceName: 'sdk',
        tag,
      }),
    )
  ).body!;
  await ecsClient.createNetworkInterfacePermission(
    new ecs.CreateNetworkInterfacePermissionRequest({
      regionId,
      networkInterfaceId: networkInterfaceId!,
      accountId: 1234567890123456,
      permission: 'InstanceAttach',
    }),
  );
  made = {
    vpcId: vpcId!,
    vSwitchId: vSwitchId!,
    securityGroupId: securityGroupId!,
    networkInterfaceId: networkInterfaceId!,
  };
});
afterAll(() => server.close());

/** Asks by name, by the typed client and as plain JSON. */
type Question = [ProductName, string, () => Promise<{ body?: Body | undefined }>, () => Record<string, string>];

const QUESTIONS: readonly Question[] = [
  ['Vpc', 'DescribeVpcs', () => vpcClient.describeVpcs(new vpc.DescribeVpcsRequest({ regionId })), () => ({})],
  [
    'Vpc',
    'DescribeVpcAttribute',
    () => vpcClient.describeVpcAttribute(new vpc.DescribeVpcAttributeRequest({ regionId, vpcId: made.vpcId })),
    () => ({ VpcId: made.vpcId }),
  ],
  [
    'Vpc',
    'DescribeVSwitches',
    () => vpcClient.describeVSwitches(new vpc.DescribeVSwitchesRequest({ regionId })),
    () => ({}),
  ],
  [
    'Vpc',
    'DescribeVSwitchAttributes',
    () =>
      vpcClient.describeVSwitchAttributes(
        new vpc.DescribeVSwitchAttributesRequest({ regionId, vSwitchId: made.vSwitchId }),
      ),
    () => ({ VSwitchId: made.vSwitchId }),
  ],
  ['Vpc', 'DescribeRegions', () => vpcClient.describeRegions(new vpc.DescribeRegionsRequest({})), () => ({})],
  ['Vpc', 'DescribeZones', () => vpcClient.describeZones(new vpc.DescribeZonesRequest({ regionId })), () => ({})],
  [
    'Ecs',
    'DescribeSecurityGroups',
    () => ecsClient.describeSecurityGroups(new ecs.DescribeSecurityGroupsRequest({ regionId, maxResults: 10 })),
    () => ({ MaxResults: '10' }),
  ],
  [
    'Ecs',
    'DescribeSecurityGroupAttribute',
    () =>
      ecsClient.describeSecurityGroupAttribute(
        new ecs.DescribeSecurityGroupAttributeRequest({ regionId, securityGroupId: made.securityGroupId }),
      ),
    () => ({ SecurityGroupId: made.securityGroupId }),
  ],
  [
    'Ecs',
    'DescribeNetworkInterfaces',
    () =>
      ecsClient.describeNetworkInterfaces(
        new ecs.DescribeNetworkInterfacesRequest({ regionId, networkInterfaceId: [made.networkInterfaceId] }),
      ),
    () => ({ 'NetworkInterfaceId.1': made.networkInterfaceId }),
  ],
  [
    'Ecs',
    'DescribeNetworkInterfacePermissions',
    () =>
      ecsClient.describeNetworkInterfacePermissions(new ecs.DescribeNetworkInterfacePermissionsRequest({ regionId })),
    () => ({}),
  ],
  ['Ecs', 'DescribeRegions', () => ecsClient.describeRegions(new ecs.DescribeRegionsRequest({})), () => ({})],
  ['Ecs', 'DescribeZones', () => ecsClient.describeZones(new ecs.DescribeZonesRequest({ regionId })), () => ({})],
];

/** The core client turns large whole numbers into text; the typed ones do not. */
function plainly(answer: unknown): unknown {
  return JSON.parse(JSON.stringify(answer), (name, value) =>
    ['OwnerId', 'AccountId'].includes(name) ? String(value) : value,
  );
}

describe('the official clients', () => {
  it.each(QUESTIONS)('read every field of %s %s', async (product, operation, typed, plain) => {
    const { RequestId: _, ...answer } = await call(product, operation, { RegionId: regionId, ...plain() });
    const { RequestId: __, ...read } = (await typed()).body!.toMap();
    expect(plainly(read)).toEqual(plainly(answer));
    expect(Object.keys(answer).length).toBeGreaterThan(0);
  });

  it('see what they have made', async () => {
    const { vSwitches } = (await vpcClient.describeVSwitches(new vpc.DescribeVSwitchesRequest({ vpcId: made.vpcId })))
      .body!;
    expect(vSwitches!.vSwitch!.map((one) => one.availableIpAddressCount)).toEqual([251]);
    const { networkInterfaceSets } = (
      await ecsClient.describeNetworkInterfaces(
        new ecs.DescribeNetworkInterfacesRequest({ regionId, securityGroupId: made.securityGroupId }),
      )
    ).body!;
    const [eni] = networkInterfaceSets!.networkInterfaceSet!;
    expect(eni!.privateIpAddress).toBe('10.0.1.1');
    expect(eni!.tags!.tag).toEqual([expect.objectContaining({ tagKey: 'made-by', tagValue: 'sdk' })]);
  });

  it('are told the vendor codes', async () => {
    const refused = await refusalOf(
      ecsClient.deleteSecurityGroup(
        new ecs.DeleteSecurityGroupRequest({ regionId, securityGroupId: made.securityGroupId }),
      ),
    );
    expect(refused).toMatchObject({ code: 'DependencyViolation', status: 403 });
    const missing = await refusalOf(vpcClient.deleteVpc(new vpc.DeleteVpcRequest({ regionId, vpcId: 'vpc-none' })));
    expect(missing).toMatchObject({ code: 'InvalidVpcID.NotFound', status: 404 });
  });
});
