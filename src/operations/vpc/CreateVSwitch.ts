import { plainId } from '../../core/ids.ts';
import { vSwitchBlock } from '../../domain/network/block-rules.ts';
import { V_SWITCHES } from '../../domain/network/vpc.ts';
import { zonesOf } from '../../domain/network/zones.ts';
import { clientToken, text } from '../../schema/fields.ts';
import { notOffered } from '../../schema/not-offered.ts';
import { out } from '../../schema/output.ts';
import { resourceTags, tagsToKeep } from '../../schema/resource-tags.ts';
import { onAny, onVpc, optionalRegion } from './_arn.ts';
import { descriptionField, nameField } from './_naming.ts';
import { writes } from './_product.ts';
import { findVpc, vpcFound } from './_vpc-found.ts';

export const CreateVSwitch = writes({
  product: 'Vpc',
  name: 'CreateVSwitch',
  origin: 'vendor',
  title: 'Makes a vSwitch: a part of a VPC in one zone.',
  notes: 'The vSwitch is `Available` at once.',
  input: {
    RegionId: optionalRegion(),
    VpcId: text({ doc: 'The VPC.', required: true, max: 64 }),
    ZoneId: text({ doc: 'The zone; DescribeZones lists them.', required: true, max: 64 }),
    CidrBlock: text({
      doc: "Its block: 16 to 29 bits, inside the VPC's, apart from other vSwitches'.",
      required: true,
      max: 18,
    }),
    VSwitchName: nameField('Name of the vSwitch.'),
    Description: descriptionField(),
    Ipv6CidrBlock: notOffered('Integer'),
    VpcIpv6CidrBlock: notOffered(),
    Tag: resourceTags('Labels of the vSwitch.'),
    ClientToken: clientToken(),
  },
  output: { VSwitchId: out.text('Id of the vSwitch.') },
  resolve: findVpc,
  permissions: [onAny('vpc:CreateVSwitch', 'vswitch'), onVpc('vpc:CreateVSwitch')],
  guards: [vpcFound],
  throttle: 'management',
  errors: ['InvalidZoneId.NotFound', 'InvalidCidrBlock.Malformed', 'InvalidCidrBlock.Overlapped'],
  references: ({ input }) => ({ 'ACS::VPC::VPC': [input.VpcId] }),
  handle: async (ctx, input, { vpc }) => {
    if (!zonesOf(ctx.region).includes(input.ZoneId)) throw ctx.fail('InvalidZoneId.NotFound');
    const siblings = await ctx.tx.list(V_SWITCHES, ctx.place, { index: 'vpc', value: input.VpcId });
    const block = vSwitchBlock(
      input.CidrBlock,
      vpc!.cidrBlock,
      siblings.map((sibling) => sibling.cidrBlock),
    );
    if (!block.ok) {
      throw ctx.fail(block.why === 'overlap' ? 'InvalidCidrBlock.Overlapped' : 'InvalidCidrBlock.Malformed');
    }
    const vSwitchId = plainId('vsw', ctx.ports.random);
    await ctx.tx.insert(V_SWITCHES, ctx.place, {
      vSwitchId,
      vpcId: input.VpcId,
      zoneId: input.ZoneId,
      name: input.VSwitchName ?? '',
      description: input.Description ?? '',
      cidrBlock: input.CidrBlock,
      routeTableId: vpc!.routeTableId,
      createdAt: ctx.now.getTime(),
      tags: tagsToKeep(input.Tag),
    });
    ctx.refer('ACS::VPC::VSwitch', vSwitchId);
    return { VSwitchId: vSwitchId };
  },
});
