import { V_SWITCHES } from '../../domain/network/vpc.ts';
import { dryRun, flag, text } from '../../schema/fields.ts';
import { out } from '../../schema/output.ts';
import { onVpc, requiredRegion } from './_arn.ts';
import { reads } from './_product.ts';
import { vpcAnswer, vpcMembers } from './_vpc-answer.ts';
import { findVpc, vpcFound } from './_vpc-found.ts';

export const DescribeVpcAttribute = reads({
  product: 'Vpc',
  name: 'DescribeVpcAttribute',
  origin: 'vendor',
  title: 'Shows one VPC.',
  input: {
    RegionId: requiredRegion(),
    VpcId: text({ doc: 'The VPC.', required: true, max: 64 }),
    IsDefault: flag({ doc: 'Without effect.' }),
    DryRun: dryRun(),
  },
  output: {
    ...vpcMembers,
    ClassicLinkEnabled: out.flag('Always false.'),
    CloudResources: out.list('What is in the VPC, counted by kind.', 'CloudResourceSetType', {
      ResourceType: out.text('`VSwitch`.'),
      ResourceCount: out.integer('How many.'),
    }),
  },
  resolve: findVpc,
  permissions: [onVpc('vpc:DescribeVpcAttribute')],
  guards: [vpcFound],
  throttle: 'query',
  errors: [],
  handle: async (ctx, input, { vpc }) => ({
    ...(await vpcAnswer(ctx, vpc!)),
    ClassicLinkEnabled: false,
    CloudResources: [
      {
        ResourceType: 'VSwitch',
        ResourceCount: await ctx.read.count(V_SWITCHES, ctx.place, { index: 'vpc', value: input.VpcId }),
      },
    ],
  }),
});
