import { ADDRESSES } from '../../domain/network/addresses.ts';
import { V_SWITCHES } from '../../domain/network/vpc.ts';
import { dryRun, text } from '../../schema/fields.ts';
import { onVSwitch, optionalRegion } from './_arn.ts';
import { writes } from './_product.ts';
import { findVSwitch, vSwitchFound } from './_vpc-found.ts';

export const DeleteVSwitch = writes({
  product: 'Vpc',
  name: 'DeleteVSwitch',
  origin: 'vendor',
  title: 'Deletes a vSwitch in which no network interface and no HSM has an address.',
  input: {
    RegionId: optionalRegion(),
    VSwitchId: text({ doc: 'The vSwitch.', required: true, max: 64 }),
    DryRun: dryRun(),
  },
  output: {},
  resolve: findVSwitch,
  permissions: [onVSwitch('vpc:DeleteVSwitch')],
  guards: [vSwitchFound],
  throttle: 'management',
  errors: ['DependencyViolation'],
  references: ({ input }) => ({ 'ACS::VPC::VSwitch': [input.VSwitchId] }),
  handle: async (ctx, input) => {
    const holders = { index: 'vSwitch', value: input.VSwitchId, limit: 1 };
    const [first] = await ctx.tx.list(ADDRESSES, ctx.place, holders);
    if (first !== undefined) {
      throw ctx.fail('DependencyViolation', { what: `${first.owner.id} has the address ${first.ip}` });
    }
    await ctx.tx.remove(V_SWITCHES, ctx.place, input.VSwitchId);
    return {};
  },
});
