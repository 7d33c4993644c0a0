import { dryRun, flag, integer, text } from '../../schema/fields.ts';
import { notOffered } from '../../schema/not-offered.ts';
import { out } from '../../schema/output.ts';
import { pageAnswer, pageNumberInput, pageNumberOutput, pageOf } from '../../schema/page-number.ts';
import { tagFilter, tagPairs } from '../../schema/resource-tags.ts';
import { onAny, requiredRegion } from './_arn.ts';
import { reads } from './_product.ts';
import { matchingVpcs, vpcAnswer, vpcMembers } from './_vpc-answer.ts';

export const DescribeVpcs = reads({
  product: 'Vpc',
  name: 'DescribeVpcs',
  origin: 'vendor',
  title: 'Lists VPCs.',
  input: {
    RegionId: requiredRegion(),
    VpcId: text({ doc: 'Only these; up to 20 ids separated by commas.', max: 600 }),
    VpcName: text({ doc: 'Only VPCs of this name.', max: 128 }),
    IsDefault: flag({ doc: 'True finds nothing: there are no default VPCs.' }),
    EnableIpv6: flag({ doc: 'True finds nothing: there is no IPv6.' }),
    VpcOwnerId: integer({ doc: 'Only VPCs of this account.', type: 'Long' }),
    ResourceGroupId: notOffered(),
    DhcpOptionsSetId: notOffered(),
    Tag: tagFilter('Only VPCs with these labels.'),
    ...pageNumberInput(50),
    DryRun: dryRun(),
  },
  output: { Vpcs: out.list('The VPCs on the page.', 'Vpc', vpcMembers), ...pageNumberOutput },
  permissions: [onAny('vpc:DescribeVpcs', 'vpc')],
  throttle: 'query',
  errors: [],
  handle: async (ctx, input) => {
    const none =
      input.IsDefault === true ||
      input.EnableIpv6 === true ||
      (input.VpcOwnerId !== undefined && String(input.VpcOwnerId) !== ctx.account);
    const found = none
      ? []
      : await matchingVpcs(ctx, { VpcId: input.VpcId, VpcName: input.VpcName, tags: tagPairs(input.Tag) });
    const page = pageOf(found, input.PageNumber, input.PageSize);
    return {
      Vpcs: await Promise.all(page.map((vpc) => vpcAnswer(ctx, vpc))),
      ...pageAnswer(input, found.length),
    };
  },
});
