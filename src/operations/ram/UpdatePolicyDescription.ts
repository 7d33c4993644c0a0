import { POLICIES } from '../../domain/ram/policy.ts';
import { text } from '../../schema/fields.ts';
import { out } from '../../schema/output.ts';
import {
  findPolicy,
  policyAnswer,
  policyFound,
  policyOf,
  policyOutput,
  policyPermission,
  policyReferences,
} from './_policy.ts';
import { writes } from './_product.ts';
import { policyName } from './_text.ts';

export const UpdatePolicyDescription = writes({
  product: 'Ram',
  name: 'UpdatePolicyDescription',
  origin: 'vendor',
  title: 'Changes the description of a custom policy.',
  input: {
    PolicyName: policyName(),
    NewDescription: text({ doc: 'New description; empty clears it.', required: true, min: 0, max: 1024 }),
  },
  output: { Policy: out.object('The policy after the change.', policyOutput) },
  resolve: (ctx, input) => findPolicy(ctx, 'Custom', input.PolicyName),
  permissions: [policyPermission('ram:UpdatePolicyDescription')],
  guards: [policyFound],
  throttle: 'management',
  errors: [],
  references: policyReferences,
  handle: async (ctx, input, named) => {
    const changed = { ...policyOf(named), description: input.NewDescription, updatedAt: ctx.now.getTime() };
    await ctx.tx.update(POLICIES, ctx.place, changed);
    return { Policy: await policyAnswer(ctx, 'Custom', changed) };
  },
});
