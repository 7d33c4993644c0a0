import { POLICIES } from '../../domain/ram/policy.ts';
import { policyFound, policyOf, policyPermission, policyReferences, versionId } from './_policy.ts';
import { findVersion, versionFound } from './_policy-version.ts';
import { writes } from './_product.ts';
import { policyName } from './_text.ts';

export const SetDefaultPolicyVersion = writes({
  product: 'Ram',
  name: 'SetDefaultPolicyVersion',
  origin: 'vendor',
  title: 'Puts a version of a custom policy in force.',
  input: { PolicyName: policyName(), VersionId: versionId() },
  output: {},
  resolve: (ctx, input) => findVersion(ctx, 'Custom', input.PolicyName, input.VersionId),
  permissions: [policyPermission('ram:SetDefaultPolicyVersion')],
  guards: [policyFound, versionFound],
  throttle: 'management',
  errors: [],
  references: policyReferences,
  handle: async (ctx, input, named) => {
    const changed = { ...policyOf(named), defaultVersion: input.VersionId, updatedAt: ctx.now.getTime() };
    await ctx.tx.update(POLICIES, ctx.place, changed);
    return {};
  },
});
