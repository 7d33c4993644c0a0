import { plainId } from '../../core/ids.ts';
import { DEFAULT_VPC_BLOCK, vpcBlock } from '../../domain/network/block-rules.ts';
import { VPCS } from '../../domain/network/vpc.ts';
import { clientToken, dryRun, text } from '../../schema/fields.ts';
import { notOffered } from '../../schema/not-offered.ts';
import { out } from '../../schema/output.ts';
import { resourceTags, tagsToKeep } from '../../schema/resource-tags.ts';
import { onAny, requiredRegion } from './_arn.ts';
import { descriptionField, nameField } from './_naming.ts';
import { writes } from './_product.ts';

export const CreateVpc = writes({
  product: 'Vpc',
  name: 'CreateVpc',
  origin: 'vendor',
  title: 'Makes a VPC: a block of private addresses.',
  notes:
    'The VPC is `Available` at once. The block has 8 to 28 bits and keeps clear of 0.0.0.0/8, 100.64.0.0/10, 127.0.0.0/8, 169.254.0.0/16 and everything from 224.0.0.0 on. VPCs may overlap one another. IPv4 only.',
  input: {
    RegionId: requiredRegion(),
    CidrBlock: text({ doc: 'The block of addresses.', fallback: DEFAULT_VPC_BLOCK, max: 18 }),
    VpcName: nameField('Name of the VPC.'),
    Description: descriptionField(),
    UserCidr: notOffered(),
    EnableIpv6: notOffered('Boolean'),
    Ipv6CidrBlock: notOffered(),
    Ipv6CidrMask: notOffered('Integer'),
    Ipv6Isp: notOffered(),
    Ipv6IpamPoolId: notOffered(),
    Ipv4CidrMask: notOffered('Integer'),
    Ipv4IpamPoolId: notOffered(),
    EnableDnsHostname: notOffered('Boolean'),
    ResourceGroupId: notOffered(),
    Tag: resourceTags('Labels of the VPC.'),
    ClientToken: clientToken(),
    DryRun: dryRun(),
  },
  output: {
    VpcId: out.text('Id of the VPC.'),
    VRouterId: out.text('Id of its router.'),
    RouteTableId: out.text('Id of its route table.'),
    ResourceGroupId: out.text('Always empty.'),
  },
  permissions: [onAny('vpc:CreateVpc', 'vpc')],
  throttle: 'management',
  errors: ['InvalidCidrBlock.Malformed'],
  handle: async (ctx, input) => {
    if (vpcBlock(input.CidrBlock) === undefined) throw ctx.fail('InvalidCidrBlock.Malformed');
    const { random } = ctx.ports;
    const vpc = {
      vpcId: plainId('vpc', random),
      name: input.VpcName ?? '',
      description: input.Description ?? '',
      cidrBlock: input.CidrBlock,
      vRouterId: plainId('vrt', random),
      routeTableId: plainId('vtb', random),
      createdAt: ctx.now.getTime(),
      tags: tagsToKeep(input.Tag),
    };
    await ctx.tx.insert(VPCS, ctx.place, vpc);
    ctx.refer('ACS::VPC::VPC', vpc.vpcId);
    return { VpcId: vpc.vpcId, VRouterId: vpc.vRouterId, RouteTableId: vpc.routeTableId, ResourceGroupId: '' };
  },
});
