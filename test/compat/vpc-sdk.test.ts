import vpc from '@alicloud/vpc20160428';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../support/coffer.ts';
import { refusalOf, sdkClient } from '../support/sdk.ts';

let server: TestServer;
let client: InstanceType<typeof vpc.default>;
beforeAll(async () => {
  server = await startTestServer();
  client = sdkClient(vpc.default, { server });
});
afterAll(() => server.close());

const regionId = 'cn-hangzhou';

async function newVpc(options: ConstructorParameters<typeof vpc.CreateVpcRequest>[0] = {}): Promise<string> {
  const request = new vpc.CreateVpcRequest({ regionId, cidrBlock: '10.0.0.0/16', ...options });
  return (await client.createVpc(request)).body!.vpcId!;
}

async function newVSwitch(vpcId: string, cidrBlock: string, zoneId = 'cn-hangzhou-a'): Promise<string> {
  const request = new vpc.CreateVSwitchRequest({ regionId, vpcId, zoneId, cidrBlock });
  return (await client.createVSwitch(request)).body!.vSwitchId!;
}

describe('zones', () => {
  it('are at least two', async () => {
    const { zones } = (await client.describeZones(new vpc.DescribeZonesRequest({ regionId }))).body!;
    const ids = zones!.zone!.map(({ zoneId }) => zoneId);
    expect(ids.length).toBeGreaterThanOrEqual(2);
    for (const id of ids) expect(id).toMatch(/^cn-hangzhou-/);
  });
});

describe('VPCs', () => {
  it('are created once per client token, described, listed, deleted', async () => {
    const token = { vpcName: 'compat', description: 'with a token', clientToken: 'token-1' };
    const vpcId = await newVpc(token);
    expect(await newVpc(token)).toBe(vpcId);
    expect(vpcId).toMatch(/^vpc-/);
    const found = (await client.describeVpcAttribute(new vpc.DescribeVpcAttributeRequest({ regionId, vpcId }))).body!;
    expect(found).toMatchObject({ vpcId, vpcName: 'compat', description: 'with a token', cidrBlock: '10.0.0.0/16' });
    const listed = (await client.describeVpcs(new vpc.DescribeVpcsRequest({ regionId, vpcId }))).body!;
    expect(listed.totalCount).toBe(1);
    expect(listed.vpcs!.vpc).toMatchObject([{ vpcId, status: 'Available', vSwitchIds: { vSwitchId: [] } }]);
    await client.deleteVpc(new vpc.DeleteVpcRequest({ regionId, vpcId }));
    const after = (await client.describeVpcs(new vpc.DescribeVpcsRequest({ regionId, vpcId }))).body!;
    expect(after.vpcs!.vpc).toEqual([]);
  });

  it.each(['10.0.0.1/16', '224.0.0.0/16', '10.0.0.0/7', 'ten', '10.0.0.0/33'])(
    'refuse the block %s',
    async (cidrBlock) => {
      const request = new vpc.CreateVpcRequest({ regionId, cidrBlock });
      expect(await refusalOf(client.createVpc(request))).toMatchObject({
        code: 'InvalidCidrBlock.Malformed',
        status: 400,
      });
    },
  );

  it('stay while a vSwitch is in them', async () => {
    const vpcId = await newVpc();
    const vSwitchId = await newVSwitch(vpcId, '10.0.1.0/24');
    const remove = () => client.deleteVpc(new vpc.DeleteVpcRequest({ regionId, vpcId }));
    expect(await refusalOf(remove())).toMatchObject({ code: 'DependencyViolation', status: 403 });
    await client.deleteVSwitch(new vpc.DeleteVSwitchRequest({ regionId, vSwitchId }));
    await remove();
  });

  it('that do not exist are not found', async () => {
    const vpcId = 'vpc-none';
    expect(
      await refusalOf(client.describeVpcAttribute(new vpc.DescribeVpcAttributeRequest({ regionId, vpcId }))),
    ).toMatchObject({ code: 'InvalidVpcID.NotFound', status: 404 });
    expect(await refusalOf(newVSwitch(vpcId, '10.0.1.0/24'))).toMatchObject({ code: 'InvalidVpcID.NotFound' });
  });
});

describe('vSwitches', () => {
  it('count their free addresses', async () => {
    const vpcId = await newVpc();
    const vSwitchId = await newVSwitch(vpcId, '10.0.1.0/24', 'cn-hangzhou-b');
    const one = (
      await client.describeVSwitchAttributes(new vpc.DescribeVSwitchAttributesRequest({ regionId, vSwitchId }))
    ).body!;
    expect(one).toMatchObject({
      vSwitchId,
      vpcId,
      zoneId: 'cn-hangzhou-b',
      cidrBlock: '10.0.1.0/24',
      availableIpAddressCount: 252,
    });
    const listed = (await client.describeVSwitches(new vpc.DescribeVSwitchesRequest({ regionId, vpcId }))).body!;
    expect(listed.vSwitches!.vSwitch).toMatchObject([{ vSwitchId, status: 'Available' }]);
    expect(listed.totalCount).toBe(1);
  });

  it.each([
    ['10.0.1.128/25', 'InvalidCidrBlock.Overlapped'],
    ['10.1.0.0/24', 'InvalidCidrBlock.Malformed'],
    ['10.0.2.0/30', 'InvalidCidrBlock.Malformed'],
  ])('refuse the block %s', async (block, code) => {
    const vpcId = await newVpc();
    await newVSwitch(vpcId, '10.0.1.0/24');
    expect(await refusalOf(newVSwitch(vpcId, block))).toMatchObject({ code, status: 400 });
  });

  it('are in a zone of the region', async () => {
    const vpcId = await newVpc();
    expect(await refusalOf(newVSwitch(vpcId, '10.0.1.0/24', 'eu-west-1a'))).toMatchObject({
      code: 'InvalidZoneId.NotFound',
    });
  });
});
