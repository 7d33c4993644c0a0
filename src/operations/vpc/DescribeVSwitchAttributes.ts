import { dryRun, text } from '../../schema/fields.ts';
import { onVSwitch, optionalRegion } from './_arn.ts';
import { reads } from './_product.ts';
import { vSwitchAnswer, vSwitchMembers } from './_v-switch-answer.ts';
import { findVSwitch, vSwitchFound } from './_vpc-found.ts';

export const DescribeVSwitchAttributes = reads({
  product: 'Vpc',
  name: 'DescribeVSwitchAttributes',
  origin: 'vendor',
  title: 'Shows one vSwitch.',
  input: {
    RegionId: optionalRegion(),
    VSwitchId: text({ doc: 'The vSwitch.', required: true, max: 64 }),
    DryRun: dryRun(),
  },
  output: vSwitchMembers,
  resolve: findVSwitch,
  permissions: [onVSwitch('vpc:DescribeVSwitchAttributes')],
  guards: [vSwitchFound],
  throttle: 'query',
  errors: [],
  handle: async (ctx, _input, { vSwitch }) => vSwitchAnswer(ctx, vSwitch!),
});
