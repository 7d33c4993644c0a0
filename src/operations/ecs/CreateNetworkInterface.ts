import { plainId } from '../../core/ids.ts';
import type { Random } from '../../core/random.ts';
import { type AddressRefusal, takeAddress } from '../../domain/network/addresses.ts';
import { NETWORK_INTERFACES, type NetworkInterfaceRecord } from '../../domain/network/network-interface.ts';
import { resourceTagConditions } from '../../domain/network/resource-tag.ts';
import { V_SWITCHES, type VSwitchRecord } from '../../domain/network/vpc.ts';
import { fail, missingInCode } from '../../errors/fault.ts';
import { found } from '../../operation/found.ts';
import { choice, clientToken, flag, text } from '../../schema/fields.ts';
import { textList } from '../../schema/list-fields.ts';
import { notOffered } from '../../schema/not-offered.ts';
import { resourceTags, tagsToKeep } from '../../schema/resource-tags.ts';
import { onAny, region } from './_arn.ts';
import { interfaceAnswer, interfaceMembers } from './_interface-answer.ts';
import { checkGroups, GROUP_CHOICE_ERRORS } from './_interface-groups.ts';
import { descriptionField, interfaceName } from './_naming.ts';
import { writes } from './_product.ts';

interface Home {
  readonly vSwitch: VSwitchRecord | undefined;
}

/** A hardware address of the vendor's virtual cards: `00:16:3e` and three random bytes. */
function macAddress(random: Random): string {
  return ['00', '16', '3e', ...[...random.bytes(3)].map((byte) => byte.toString(16).padStart(2, '0'))].join(':');
}

function addressFault(why: AddressRefusal, vSwitchId: string, wanted: string | undefined) {
  if (why === 'none-left') return fail('InvalidVSwitchId.IpNotEnough', { id: vSwitchId });
  return fail(why === 'taken' ? 'InvalidIp.IpAssigned' : 'InvalidIp.Address', { ip: wanted ?? '' });
}

export const CreateNetworkInterface = writes({
  product: 'Ecs',
  name: 'CreateNetworkInterface',
  origin: 'vendor',
  title: 'Makes a network interface in a vSwitch.',
  notes:
    'The interface takes one address of the vSwitch (the lowest free one unless PrimaryIpAddress names another) and is `Available` at once. It has one IPv4 address and no other.',
  input: {
    RegionId: region(),
    VSwitchId: text({ doc: 'The vSwitch.', required: true, max: 64 }),
    SecurityGroupId: text({ doc: 'Its security group; or send SecurityGroupIds.', max: 64 }),
    SecurityGroupIds: textList({
      doc: 'Its security groups, of its VPC and of one kind; at most 5.',
      maxItems: 16,
      max: 64,
    }),
    PrimaryIpAddress: text({ doc: 'Its address; must be free.', max: 15 }),
    NetworkInterfaceName: interfaceName(),
    Description: descriptionField(),
    DeleteOnRelease: flag({
      doc: 'Kept and shown. Services detach interfaces and never release their instances, so it has no effect.',
      fallback: true,
    }),
    InstanceType: choice(['Secondary'], { doc: 'Kind of interface.' }),
    NetworkInterfaceTrafficMode: choice(['Standard'], { doc: 'Kind of traffic.' }),
    Tag: resourceTags('Labels of the interface.'),
    ClientToken: clientToken(),
    BusinessType: text({ doc: 'Without effect.', max: 64 }),
    Visible: flag({ doc: 'Without effect.' }),
    ResourceGroupId: notOffered(),
    PrivateIpAddress: notOffered('Array'),
    SecondaryPrivateIpAddressCount: notOffered('Integer'),
    Ipv6Address: notOffered('Array'),
    Ipv6AddressCount: notOffered('Integer'),
    Ipv4Prefix: notOffered('Array'),
    Ipv4PrefixCount: notOffered('Integer'),
    Ipv6Prefix: notOffered('Array'),
    Ipv6PrefixCount: notOffered('Integer'),
    QueueNumber: notOffered('Integer'),
    QueuePairNumber: notOffered('Integer'),
    RxQueueSize: notOffered('Integer'),
    TxQueueSize: notOffered('Integer'),
    SourceDestCheck: notOffered('Boolean'),
    ConnectionTrackingConfiguration: notOffered('Struct'),
    EnhancedNetwork: notOffered('Struct'),
    NetworkInterfaceTrafficConfig: notOffered('Struct'),
  },
  output: interfaceMembers,
  resolve: async (ctx, input): Promise<Home> => ({
    vSwitch: await ctx.read.get(V_SWITCHES, ctx.place, input.VSwitchId),
  }),
  permissions: [
    onAny('ecs:CreateNetworkInterface', 'eni'),
    {
      action: 'ecs:CreateNetworkInterface',
      resource: 'acs:vpc:{region}:{account}:vswitch/{VSwitchId}',
      arns: ({ ctx, input }) => `acs:vpc:${ctx.region}:${ctx.account}:vswitch/${input.VSwitchId}`,
      tags: ({ resolved }) => resourceTagConditions(resolved.vSwitch?.tags),
    },
  ],
  guards: [
    found<{ readonly vSwitch: unknown }>('InvalidVSwitchId.NotFound', 'The vSwitch exists.', ({ vSwitch }) => vSwitch),
  ],
  throttle: 'management',
  errors: [...GROUP_CHOICE_ERRORS, 'InvalidVSwitchId.IpNotEnough', 'InvalidIp.Address', 'InvalidIp.IpAssigned'],
  references: ({ input }) => ({ 'ACS::VPC::VSwitch': [input.VSwitchId] }),
  handle: async (ctx, input, { vSwitch }) => {
    const { vpcId, zoneId, vSwitchId } = vSwitch!;
    const one = input.SecurityGroupId === undefined ? [] : [input.SecurityGroupId];
    const securityGroupIds = [...new Set(input.SecurityGroupIds ?? one)];
    if (securityGroupIds.length === 0) throw missingInCode('SecurityGroupId');
    await checkGroups(ctx.tx, ctx.place, vpcId, securityGroupIds);
    const networkInterfaceId = plainId('eni', ctx.ports.random);
    const owner = { type: 'interface', id: networkInterfaceId } as const;
    const taking = await takeAddress(ctx.tx, ctx.place, vSwitch!, owner, input.PrimaryIpAddress);
    if (!taking.ok) throw addressFault(taking.why, vSwitchId, input.PrimaryIpAddress);
    const eni: NetworkInterfaceRecord = {
      networkInterfaceId,
      vpcId,
      vSwitchId,
      zoneId,
      privateIp: taking.ip,
      mac: macAddress(ctx.ports.random),
      securityGroupIds,
      name: input.NetworkInterfaceName ?? '',
      description: input.Description ?? '',
      deleteOnRelease: input.DeleteOnRelease,
      createdAt: ctx.now.getTime(),
      tags: tagsToKeep(input.Tag),
    };
    await ctx.tx.insert(NETWORK_INTERFACES, ctx.place, eni);
    ctx.refer('ACS::ECS::NetworkInterface', networkInterfaceId);
    return interfaceAnswer(ctx, eni);
  },
});
