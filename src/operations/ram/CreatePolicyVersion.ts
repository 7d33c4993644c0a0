import { oldestSpareVersion, POLICIES, withoutVersion, withVersion } from '../../domain/ram/policy.ts';
import { choice, flag } from '../../schema/fields.ts';
import { out } from '../../schema/output.ts';
import {
  assertDocument,
  findPolicy,
  policyDocument,
  policyFound,
  policyOf,
  policyPermission,
  policyReferences,
  versionAnswer,
  versionOutput,
} from './_policy.ts';
import { writes } from './_product.ts';
import { policyName } from './_text.ts';

export const CreatePolicyVersion = writes({
  product: 'Ram',
  name: 'CreatePolicyVersion',
  origin: 'vendor',
  title: 'Adds a version to a custom policy.',
  notes: 'Version numbers are never used again. A version put in force decides from the next call on.',
  input: {
    PolicyName: policyName(),
    PolicyDocument: policyDocument(),
    SetAsDefault: flag({ doc: 'Puts the new version in force.', fallback: false }),
    RotateStrategy: choice(['None', 'DeleteOldestNonDefaultVersionWhenLimitExceeded'], {
      doc: 'What to do when the policy has as many versions as it may.',
      fallback: 'None',
    }),
  },
  output: { PolicyVersion: out.object('The new version.', versionOutput) },
  resolve: (ctx, input) => findPolicy(ctx, 'Custom', input.PolicyName),
  permissions: [policyPermission('ram:CreatePolicyVersion')],
  guards: [policyFound],
  throttle: 'management',
  errors: ['MalformedPolicyDocument', 'LimitExceeded.Policy.Version'],
  references: policyReferences,
  handle: async (ctx, input, named) => {
    assertDocument(input.PolicyDocument);
    const now = ctx.now.getTime();
    let policy = policyOf(named);
    if (policy.versions.length >= ctx.ports.quotas.versionsPerPolicy) {
      const spare = input.RotateStrategy === 'None' ? undefined : oldestSpareVersion(policy);
      if (spare === undefined) throw ctx.fail('LimitExceeded.Policy.Version');
      policy = withoutVersion(policy, spare.versionId, now);
    }
    policy = withVersion(policy, input.PolicyDocument, input.SetAsDefault, now);
    await ctx.tx.update(POLICIES, ctx.place, policy);
    return { PolicyVersion: versionAnswer(policy, policy.versions.at(-1)!) };
  },
});
