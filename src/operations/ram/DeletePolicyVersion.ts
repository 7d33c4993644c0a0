import { POLICIES, withoutVersion } from '../../domain/ram/policy.ts';
import { policyFound, policyOf, policyPermission, policyReferences, versionId } from './_policy.ts';
import { findVersion, versionFound } from './_policy-version.ts';
import { writes } from './_product.ts';
import { policyName } from './_text.ts';

export const DeletePolicyVersion = writes({
  product: 'Ram',
  name: 'DeletePolicyVersion',
  origin: 'vendor',
  title: 'Deletes a version of a custom policy that is not in force.',
  input: { PolicyName: policyName(), VersionId: versionId() },
  output: {},
  resolve: (ctx, input) => findVersion(ctx, 'Custom', input.PolicyName, input.VersionId),
  permissions: [policyPermission('ram:DeletePolicyVersion')],
  guards: [policyFound, versionFound],
  throttle: 'management',
  errors: ['DeleteConflict.Policy.Version.Default'],
  references: policyReferences,
  handle: async (ctx, input, named) => {
    const policy = policyOf(named);
    if (policy.defaultVersion === input.VersionId) throw ctx.fail('DeleteConflict.Policy.Version.Default');
    await ctx.tx.update(POLICIES, ctx.place, withoutVersion(policy, input.VersionId, ctx.now.getTime()));
    return {};
  },
});
