import { hasTags } from '../../domain/network/resource-tag.ts';
import { V_SWITCHES } from '../../domain/network/vpc.ts';
import { dryRun, flag, integer, text } from '../../schema/fields.ts';
import { notOffered } from '../../schema/not-offered.ts';
import { out } from '../../schema/output.ts';
import { pageAnswer, pageNumberInput, pageNumberOutput, pageOf } from '../../schema/page-number.ts';
import { tagFilter, tagPairs } from '../../schema/resource-tags.ts';
import { onAny, optionalRegion } from './_arn.ts';
import { reads } from './_product.ts';
import { vSwitchAnswer, vSwitchMembers } from './_v-switch-answer.ts';

export const DescribeVSwitches = reads({
  product: 'Vpc',
  name: 'DescribeVSwitches',
  origin: 'vendor',
  title: 'Lists vSwitches, with the addresses they have left.',
  input: {
    RegionId: optionalRegion(),
    VpcId: text({ doc: 'Only vSwitches of this VPC.', max: 64 }),
    VSwitchId: text({ doc: 'Only these; several ids are separated by commas.', max: 600 }),
    VSwitchName: text({ doc: 'Only vSwitches of this name.', max: 128 }),
    ZoneId: text({ doc: 'Only vSwitches of this zone.', max: 64 }),
    IsDefault: flag({ doc: 'True finds nothing: there are no default vSwitches.' }),
    EnableIpv6: flag({ doc: 'True finds nothing: there is no IPv6.' }),
    VSwitchOwnerId: integer({ doc: 'Only vSwitches of this account.', type: 'Long' }),
    RouteTableId: text({ doc: 'Only vSwitches with this route table.', max: 64 }),
    ResourceGroupId: notOffered(),
    Tag: tagFilter('Only vSwitches with these labels.'),
    ...pageNumberInput(50),
    DryRun: dryRun(),
  },
  output: { VSwitches: out.list('The vSwitches on the page.', 'VSwitch', vSwitchMembers), ...pageNumberOutput },
  permissions: [onAny('vpc:DescribeVSwitches', 'vswitch')],
  throttle: 'query',
  errors: [],
  handle: async (ctx, input) => {
    const ids = input.VSwitchId?.split(',').map((id) => id.trim());
    const all = await ctx.read.list(
      V_SWITCHES,
      ctx.place,
      input.VpcId === undefined ? {} : { index: 'vpc', value: input.VpcId },
    );
    const none =
      input.IsDefault === true ||
      input.EnableIpv6 === true ||
      (input.VSwitchOwnerId !== undefined && String(input.VSwitchOwnerId) !== ctx.account);
    const found = all.filter(
      (vSwitch) =>
        !none &&
        (ids === undefined || ids.includes(vSwitch.vSwitchId)) &&
        (input.VSwitchName === undefined || vSwitch.name === input.VSwitchName) &&
        (input.ZoneId === undefined || vSwitch.zoneId === input.ZoneId) &&
        (input.RouteTableId === undefined || vSwitch.routeTableId === input.RouteTableId) &&
        hasTags(vSwitch.tags, tagPairs(input.Tag)),
    );
    const page = pageOf(found, input.PageNumber, input.PageSize);
    return {
      VSwitches: await Promise.all(page.map((vSwitch) => vSwitchAnswer(ctx, vSwitch))),
      ...pageAnswer(input, found.length),
    };
  },
});
