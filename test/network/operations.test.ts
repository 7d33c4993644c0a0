import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestPipeline, type TestPipeline } from '../support/pipeline.ts';
import {
  asRoot,
  itemsOf,
  makeGroup,
  makeInterface,
  makeVpc,
  makeVSwitch,
  REGION,
  type Root,
  textOf,
  ZONES,
} from './support.ts';

let pipeline: TestPipeline;
let root: Root;

beforeAll(async () => {
  pipeline = await openTestPipeline();
  root = asRoot(pipeline);
});
afterAll(() => pipeline.close());

describe('VPCs and vSwitches', () => {
  it.each([
    ['CreateVpc', { CidrBlock: '10.0.0.1/16' }, 'InvalidCidrBlock.Malformed'],
    ['CreateVpc', { CidrBlock: '127.0.0.0/8' }, 'InvalidCidrBlock.Malformed'],
    ['CreateVpc', { VpcName: 'http://x' }, 'InvalidParameter.VpcName'],
    ['CreateVpc', { EnableIpv6: 'true' }, 'InvalidParameter.EnableIpv6'],
    ['CreateVpc', { EnableIpv6: 'false' }, 'OK'],
    ['CreateVpc', { DryRun: 'true' }, 'DryRunOperationError'],
    ['DescribeVpcAttribute', { VpcId: 'vpc-none' }, 'InvalidVpcID.NotFound'],
    ['DeleteVpc', { VpcId: 'vpc-none' }, 'InvalidVpcID.NotFound'],
    ['CreateVSwitch', { VpcId: 'vpc-none', ZoneId: ZONES[0], CidrBlock: '10.0.0.0/24' }, 'InvalidVpcID.NotFound'],
    ['CreateVSwitch', { ZoneId: ZONES[0], CidrBlock: '10.0.0.0/24' }, 'MissingVpcId'],
    ['DescribeVSwitchAttributes', { VSwitchId: 'vsw-none' }, 'InvalidVSwitchId.NotFound'],
    ['DeleteVSwitch', { VSwitchId: 'vsw-none' }, 'InvalidVSwitchId.NotFound'],
  ] as const)('%s %j ends with %s', async (operation, values, code) => {
    expect(await root.codeOf('Vpc', operation, values)).toBe(code);
  });

  it('keep the blocks of one VPC apart, and let those of two overlap', async () => {
    const VpcId = await makeVpc(root);
    await makeVSwitch(root, VpcId, '10.0.1.0/24');
    const create = (CidrBlock: string, ZoneId: string = ZONES[1]) =>
      root.codeOf('Vpc', 'CreateVSwitch', { VpcId, CidrBlock, ZoneId });
    expect(await create('10.0.0.0/16')).toBe('InvalidCidrBlock.Overlapped');
    expect(await create('11.0.0.0/24')).toBe('InvalidCidrBlock.Malformed');
    expect(await create('10.0.2.0/24', 'cn-hangzhou-z')).toBe('InvalidZoneId.NotFound');
    expect(await create('10.0.2.0/24')).toBe('OK');
    await makeVSwitch(root, await makeVpc(root), '10.0.1.0/24');
  });

  it('are deleted from the inside out', async () => {
    const VpcId = await makeVpc(root);
    const VSwitchId = await makeVSwitch(root, VpcId, '10.0.1.0/24');
    const SecurityGroupId = await makeGroup(root, VpcId);
    const NetworkInterfaceId = textOf(await makeInterface(root, VSwitchId, SecurityGroupId), 'NetworkInterfaceId');
    expect(await root.codeOf('Vpc', 'DeleteVpc', { VpcId })).toBe('DependencyViolation');
    expect(await root.codeOf('Vpc', 'DeleteVSwitch', { VSwitchId })).toBe('DependencyViolation');
    expect(await root.codeOf('Ecs', 'DeleteSecurityGroup', { SecurityGroupId })).toBe('DependencyViolation');
    expect(await root.codeOf('Ecs', 'DeleteNetworkInterface', { NetworkInterfaceId })).toBe('OK');
    expect(await root.codeOf('Vpc', 'DeleteVSwitch', { VSwitchId })).toBe('OK');
    expect(await root.codeOf('Vpc', 'DeleteVpc', { VpcId })).toBe('DependencyViolation');
    expect(await root.codeOf('Ecs', 'DeleteSecurityGroup', { SecurityGroupId })).toBe('OK');
    expect(await root.codeOf('Vpc', 'DeleteVpc', { VpcId })).toBe('OK');
    expect(await root.codeOf('Vpc', 'DescribeVpcAttribute', { VpcId })).toBe('InvalidVpcID.NotFound');
  });

  it('are found by id, name, zone and label, page by page', async () => {
    const VpcId = await makeVpc(root);
    const create = (VSwitchName: string, CidrBlock: string, ZoneId: string, label: string) =>
      root.call('Vpc', 'CreateVSwitch', {
        VpcId,
        VSwitchName,
        CidrBlock,
        ZoneId,
        'Tag.1.Key': 'for',
        'Tag.1.Value': label,
      });
    const ids: string[] = [];
    for (const at of [1, 2, 3]) {
      ids.push(textOf(await create(`n${at}`, `10.0.${at}.0/24`, ZONES[at - 1]!, at < 3 ? 'kms' : 'db'), 'VSwitchId'));
    }
    const found = async (values: Record<string, string>) => {
      const answer = await root.call('Vpc', 'DescribeVSwitches', { VpcId, ...values });
      return itemsOf(answer, 'VSwitches').map((one) => ids.indexOf(one.VSwitchId as string) + 1);
    };
    expect((await found({})).sort()).toEqual([1, 2, 3]);
    expect(await found({ VSwitchName: 'n2' })).toEqual([2]);
    expect(await found({ ZoneId: ZONES[2] })).toEqual([3]);
    expect(await found({ VSwitchId: `${ids[0]}` })).toEqual([1]);
    expect((await found({ 'Tag.1.Key': 'for', 'Tag.1.Value': 'kms' })).sort()).toEqual([1, 2]);
    expect((await found({ 'Tag.1.Key': 'for' })).sort()).toEqual([1, 2, 3]);
    expect(await found({ IsDefault: 'true' })).toEqual([]);
    const pages = [await found({ PageSize: '2' }), await found({ PageSize: '2', PageNumber: '2' })];
    expect(pages.map((page) => page.length)).toEqual([2, 1]);
    expect(new Set(pages.flat()).size).toBe(3);
    expect(await found({ PageSize: '2', PageNumber: '3' })).toEqual([]);
  });
});

describe('addresses', () => {
  it('run out, come back, and are never held twice', async () => {
    const VpcId = await makeVpc(root);
    const VSwitchId = await makeVSwitch(root, VpcId, '10.0.0.0/29');
    const group = await makeGroup(root, VpcId);
    const left = async () =>
      (await root.call('Vpc', 'DescribeVSwitchAttributes', { VSwitchId })).AvailableIpAddressCount;
    expect(await left()).toBe(4);
    const made = await Promise.all([1, 2, 3, 4].map(() => makeInterface(root, VSwitchId, group)));
    expect(made.map((eni) => eni.PrivateIpAddress).sort()).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4']);
    expect(await left()).toBe(0);
    const values = { VSwitchId, SecurityGroupId: group };
    expect(await root.codeOf('Ecs', 'CreateNetworkInterface', values)).toBe('InvalidVSwitchId.IpNotEnough');
    const gone = made.find((eni) => eni.PrivateIpAddress === '10.0.0.3')!;
    await root.call('Ecs', 'DeleteNetworkInterface', { NetworkInterfaceId: textOf(gone, 'NetworkInterfaceId') });
    expect(await left()).toBe(1);
    expect((await makeInterface(root, VSwitchId, group)).PrivateIpAddress).toBe('10.0.0.3');
  });

  it('may be chosen', async () => {
    const VpcId = await makeVpc(root);
    const VSwitchId = await makeVSwitch(root, VpcId, '10.0.0.0/28');
    const values = { VSwitchId, SecurityGroupId: await makeGroup(root, VpcId) };
    const choose = (PrimaryIpAddress: string) =>
      root.codeOf('Ecs', 'CreateNetworkInterface', { ...values, PrimaryIpAddress });
    expect(await choose('10.0.0.12')).toBe('OK');
    expect(await choose('10.0.0.12')).toBe('InvalidIp.IpAssigned');
    for (const reserved of ['10.0.0.0', '10.0.0.13', '10.0.0.15', '10.0.1.1', 'x']) {
      expect(await choose(reserved)).toBe('InvalidIp.Address');
    }
  });
});

describe('network interfaces', () => {
  it.each([
    ['DeleteNetworkInterface', { NetworkInterfaceId: 'eni-none' }, 'InvalidEniId.NotFound'],
    ['CreateNetworkInterface', { VSwitchId: 'vsw-none', SecurityGroupId: 'sg' }, 'InvalidVSwitchId.NotFound'],
    [
      'CreateNetworkInterfacePermission',
      { NetworkInterfaceId: 'eni-none', AccountId: '1', Permission: 'InstanceAttach' },
      'InvalidEniId.NotFound',
    ],
    [
      'CreateNetworkInterfacePermission',
      { NetworkInterfaceId: 'eni-none', AccountId: '1', Permission: 'EipAttach' },
      'InvalidParameter.Permission',
    ],
    [
      'DeleteNetworkInterfacePermission',
      { NetworkInterfacePermissionId: 'eni-perm-none' },
      'InvalidEniPermissionId.NotFound',
    ],
    ['DescribeNetworkInterfaces', { NextToken: 'rubbish' }, 'InvalidNextToken'],
  ] as const)('%s %j ends with %s', async (operation, values, code) => {
    expect(await root.codeOf('Ecs', operation, values)).toBe(code);
  });

  it('are in groups of their VPC and of one kind', async () => {
    const [VpcId, other] = [await makeVpc(root), await makeVpc(root)];
    const VSwitchId = await makeVSwitch(root, VpcId, '10.0.0.0/24');
    const groups = await Promise.all(Array.from({ length: 6 }, () => makeGroup(root, VpcId)));
    const create = (...ids: string[]) =>
      root.codeOf('Ecs', 'CreateNetworkInterface', {
        VSwitchId,
        ...Object.fromEntries(ids.map((id, at) => [`SecurityGroupIds.${at + 1}`, id])),
      });
    expect(await create()).toBe('MissingSecurityGroupId');
    expect(await create('sg-none')).toBe('InvalidSecurityGroupId.NotFound');
    expect(await create(await makeGroup(root, other))).toBe('InvalidSecurityGroup.NotInSameVpc');
    expect(await create(groups[0]!, await makeGroup(root, VpcId, 'enterprise'))).toBe(
      'InvalidSecurityGroup.TypeMismatch',
    );
    expect(await create(...groups)).toBe('SecurityGroupInstanceLimitExceed');
    expect(await create(...groups.slice(1))).toBe('OK');
    expect(
      (await root.call('Vpc', 'DescribeVSwitchAttributes', { VSwitchId })).AvailableIpAddressCount,
      'refused calls take no address',
    ).toBe(251);
  });

  it('are made once for one client token', async () => {
    const VpcId = await makeVpc(root);
    const VSwitchId = await makeVSwitch(root, VpcId, '10.0.0.0/24');
    const group = await makeGroup(root, VpcId);
    const [first, second] = [
      await makeInterface(root, VSwitchId, group, { ClientToken: 't' }),
      await makeInterface(root, VSwitchId, group, { ClientToken: 't' }),
    ];
    expect(second.NetworkInterfaceId).toBe(first.NetworkInterfaceId);
  });

  it('are listed by token without gap or repetition', async () => {
    const VpcId = await makeVpc(root);
    const VSwitchId = await makeVSwitch(root, VpcId, '10.0.0.0/24');
    const group = await makeGroup(root, VpcId);
    const ids = await Promise.all(
      Array.from({ length: 5 }, async () => (await makeInterface(root, VSwitchId, group)).NetworkInterfaceId),
    );
    const seen: unknown[] = [];
    for (let NextToken: string | undefined = ''; NextToken !== undefined; ) {
      const answer: Record<string, unknown> = await root.call('Ecs', 'DescribeNetworkInterfaces', {
        VpcId,
        MaxResults: '2',
        NextToken,
      });
      seen.push(...itemsOf(answer, 'NetworkInterfaceSets').map((eni) => eni.NetworkInterfaceId));
      NextToken = answer.NextToken as string | undefined;
    }
    expect(seen).toEqual([...ids].sort());
  });
});

describe('security groups', () => {
  let VpcId: string;
  let SecurityGroupId: string;
  const good = {
    'Permissions.1.IpProtocol': 'tcp',
    'Permissions.1.PortRange': '2223/2225',
    'Permissions.1.SourceCidrIp': '10.0.0.0/24',
  };
  const rules = async (Direction = 'all') => {
    const answer = await root.call('Ecs', 'DescribeSecurityGroupAttribute', { SecurityGroupId, Direction });
    return itemsOf(answer, 'Permissions');
  };
  beforeAll(async () => {
    VpcId = await makeVpc(root);
    SecurityGroupId = await makeGroup(root, VpcId);
  });

  it.each([
    [{}, 'MissingPermissions'],
    [{ ...good, 'Permissions.1.IpProtocol': 'sctp' }, 'InvalidIpProtocol.Malformed'],
    [{ ...good, 'Permissions.1.PortRange': '-1/-1' }, 'InvalidIpPortRange.Malformed'],
    [{ ...good, 'Permissions.1.Policy': 'maybe' }, 'InvalidPolicy.Malformed'],
    [{ ...good, 'Permissions.1.Priority': '0' }, 'InvalidPriority.ValueNotSupported'],
    [{ ...good, 'Permissions.1.Priority': '101' }, 'InvalidPriority.ValueNotSupported'],
    [{ ...good, 'Permissions.1.SourceCidrIp': '10.0.0.1/24' }, 'InvalidSourceCidrIp.Malformed'],
    [{ ...good, 'Permissions.1.DestCidrIp': 'there' }, 'InvalidDestCidrIp.Malformed'],
    [{ ...good, 'Permissions.1.SourceCidrIp': '' }, 'MissingParameter.Source'],
    [{ ...good, 'Permissions.1.Ipv6DestCidrIp': '::/0' }, 'InvalidParameter.Permissions.Ipv6DestCidrIp'],
    [
      {
        'Permissions.1.IpProtocol': 'ALL',
        'Permissions.1.PortRange': '-1/-1',
        'Permissions.1.SourceGroupId': 'sg-none',
      },
      'InvalidSourceGroupId.NotFound',
    ],
  ])('take no such rule: %j is %s', async (values, code) => {
    expect(await root.codeOf('Ecs', 'AuthorizeSecurityGroup', { SecurityGroupId, ...values })).toBe(code);
  });

  it('hold a rule once, and lose it by its description or by its id', async () => {
    const both = { SecurityGroupId, ...good };
    await root.call('Ecs', 'AuthorizeSecurityGroup', both);
    await root.call('Ecs', 'AuthorizeSecurityGroup', { ...both, 'Permissions.1.Description': 'again' });
    const [rule, ...more] = await rules('ingress');
    expect(more).toEqual([]);
    expect(rule).toMatchObject({
      Direction: 'ingress',
      IpProtocol: 'TCP',
      PortRange: '2223/2225',
      SourceCidrIp: '10.0.0.0/24',
      Policy: 'Accept',
      Priority: '1',
    });
    await root.call('Ecs', 'RevokeSecurityGroupEgress', {
      SecurityGroupId,
      'Permissions.1.IpProtocol': 'TCP',
      'Permissions.1.PortRange': '2223/2225',
      'Permissions.1.DestCidrIp': '10.0.0.0/24',
    });
    expect(await rules(), 'a rule of the other direction is another rule').toHaveLength(1);
    await root.call('Ecs', 'RevokeSecurityGroup', both);
    expect(await rules()).toEqual([]);
    expect(await root.codeOf('Ecs', 'RevokeSecurityGroup', both), 'once more is a success').toBe('OK');

    // The way of older clients: one rule, without Permissions.
    const single = { SecurityGroupId, IpProtocol: 'ALL', PortRange: '-1/-1', DestCidrIp: '10.0.0.0/8', Priority: '7' };
    await root.call('Ecs', 'AuthorizeSecurityGroupEgress', single);
    const [egress] = await rules('egress');
    expect(egress).toMatchObject({ IpProtocol: 'ALL', DestCidrIp: '10.0.0.0/8', Priority: '7' });
    await root.call('Ecs', 'RevokeSecurityGroupEgress', {
      SecurityGroupId,
      'SecurityGroupRuleId.1': textOf(egress!, 'SecurityGroupRuleId'),
    });
    expect(await rules()).toEqual([]);
  });

  it('hold at most 200 rules', async () => {
    const full = await makeGroup(root, VpcId);
    const batch = (from: number, count: number) =>
      root.codeOf('Ecs', 'AuthorizeSecurityGroup', {
        SecurityGroupId: full,
        ...Object.fromEntries(
          Array.from({ length: count }, (_, at) => [
            [`Permissions.${at + 1}.IpProtocol`, 'TCP'],
            [`Permissions.${at + 1}.PortRange`, `${from + at}/${from + at}`],
            [`Permissions.${at + 1}.SourceCidrIp`, '10.0.0.1'],
          ]).flat(),
        ),
      });
    expect(await batch(1, 100)).toBe('OK');
    expect(await batch(101, 100)).toBe('OK');
    expect(await batch(201, 1)).toBe('AuthorizationLimitExceed');
    expect(await batch(1, 1), 'one that is there').toBe('OK');
  });

  it('cannot go while a rule of another names them', async () => {
    const [named, naming] = [await makeGroup(root, VpcId), await makeGroup(root, VpcId)];
    const rule = {
      SecurityGroupId: naming,
      'Permissions.1.IpProtocol': 'TCP',
      'Permissions.1.PortRange': '1/9',
      'Permissions.1.SourceGroupId': named,
    };
    await root.call('Ecs', 'AuthorizeSecurityGroup', rule);
    expect(await root.codeOf('Ecs', 'DeleteSecurityGroup', { SecurityGroupId: named })).toBe('DependencyViolation');
    await root.call('Ecs', 'RevokeSecurityGroup', rule);
    expect(await root.codeOf('Ecs', 'DeleteSecurityGroup', { SecurityGroupId: named })).toBe('OK');
    expect(await root.codeOf('Ecs', 'DeleteSecurityGroup', { SecurityGroupId: named })).toBe(
      'InvalidSecurityGroupId.NotFound',
    );
  });
});

describe('permissions of RAM', () => {
  it('are asked before anything is told', async () => {
    const nobody = await pipeline.user('nobody');
    for (const [product, operation, values] of [
      ['Vpc', 'DescribeVpcs', {}],
      ['Vpc', 'DeleteVpc', { VpcId: 'vpc-none' }],
      ['Ecs', 'DeleteSecurityGroup', { SecurityGroupId: 'sg-none' }],
      ['Ecs', 'DeleteNetworkInterfacePermission', { NetworkInterfacePermissionId: 'eni-perm-none' }],
    ] as const) {
      expect(await pipeline.codeOf(nobody, product, operation, { RegionId: 'cn-hangzhou', ...values })).toBe(
        'Forbidden.RAM',
      );
    }
  });

  it('can be given for one group', async () => {
    const VpcId = await makeVpc(root);
    const [mine, other] = [await makeGroup(root, VpcId), await makeGroup(root, VpcId)];
    const user = await pipeline.user('one-group', {
      Version: '1',
      Statement: [
        { Effect: 'Allow', Action: 'ecs:DeleteSecurityGroup', Resource: `acs:ecs:*:*:securitygroup/${mine}` },
      ],
    });
    const remove = (SecurityGroupId: string) =>
      pipeline.codeOf(user, 'Ecs', 'DeleteSecurityGroup', { RegionId: 'cn-hangzhou', SecurityGroupId });
    expect(await remove(other)).toBe('Forbidden.RAM');
    expect(await remove(mine)).toBe('OK');
  });
});

describe('regions and zones', () => {
  it.each([
    ['Ecs', { Status: 'available' }],
    ['Vpc', {}],
  ] as const)('are the same in every product: %s', async (product, more) => {
    const code = product.toLowerCase();
    expect(itemsOf(await root.call(product, 'DescribeRegions'), 'Regions')).toEqual([
      {
        RegionId: REGION,
        LocalName: REGION,
        ...more,
        RegionEndpoint: expect.stringMatching(`^${code}\\..*aliyuncs.com$`),
      },
    ]);
    expect(itemsOf(await root.call(product, 'DescribeZones'), 'Zones')).toEqual(
      ZONES.map((zone) => ({ ZoneId: zone, LocalName: zone, ZoneType: 'AvailabilityZone' })),
    );
    const user = await pipeline.user(`places-${code}`, {
      Version: '1',
      Statement: [{ Effect: 'Allow', Action: `${code}:DescribeRegions`, Resource: '*' }],
    });
    expect(await pipeline.codeOf(user, product, 'DescribeRegions')).toBe('OK');
    await expect(pipeline.call(user, product, 'DescribeZones', { RegionId: REGION })).rejects.toMatchObject({
      status: 403,
      detail: { AuthAction: `${code}:DescribeZones`, AuthResource: `acs:${code}:${REGION}:${pipeline.account}:*` },
    });
  });
});
