import { SECURITY_GROUPS } from '../../domain/network/security-group.ts';
import { V_SWITCHES, VPCS } from '../../domain/network/vpc.ts';
import { clientToken, dryRun, text } from '../../schema/fields.ts';
import { notOffered } from '../../schema/not-offered.ts';
import { onVpc, optionalRegion } from './_arn.ts';
import { writes } from './_product.ts';
import { findVpc, vpcFound } from './_vpc-found.ts';

export const DeleteVpc = writes({
  product: 'Vpc',
  name: 'DeleteVpc',
  origin: 'vendor',
  title: 'Deletes a VPC that holds neither vSwitches nor security groups.',
  input: {
    RegionId: optionalRegion(),
    VpcId: text({ doc: 'The VPC.', required: true, max: 64 }),
    ForceDelete: notOffered('Boolean'),
    ClientToken: clientToken(),
    DryRun: dryRun(),
  },
  output: {},
  resolve: findVpc,
  permissions: [onVpc('vpc:DeleteVpc')],
  guards: [vpcFound],
  throttle: 'management',
  errors: ['DependencyViolation'],
  references: ({ input }) => ({ 'ACS::VPC::VPC': [input.VpcId] }),
  handle: async (ctx, input) => {
    const inside = { index: 'vpc', value: input.VpcId };
    const [vSwitches, groups] = [
      await ctx.tx.count(V_SWITCHES, ctx.place, inside),
      await ctx.tx.count(SECURITY_GROUPS, ctx.place, inside),
    ];
    if (vSwitches > 0) throw ctx.fail('DependencyViolation', { what: `${vSwitches} vSwitches` });
    if (groups > 0) throw ctx.fail('DependencyViolation', { what: `${groups} security groups` });
    await ctx.tx.remove(VPCS, ctx.place, input.VpcId);
    return {};
  },
});
