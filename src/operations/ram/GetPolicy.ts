import { defaultVersionOf } from '../../domain/ram/policy.ts';
import { out } from '../../schema/output.ts';
import {
  findPolicy,
  policyAnswer,
  policyFound,
  policyOf,
  policyOutput,
  policyPermission,
  policyReferences,
  policyType,
  versionAnswer,
  versionOutput,
} from './_policy.ts';
import { reads } from './_product.ts';
import { policyName } from './_text.ts';

export const GetPolicy = reads({
  product: 'Ram',
  name: 'GetPolicy',
  origin: 'vendor',
  title: 'Shows a policy with the version in force.',
  input: { PolicyName: policyName(), PolicyType: policyType() },
  output: {
    Policy: out.object('The policy.', policyOutput),
    DefaultPolicyVersion: out.object('The version in force.', versionOutput),
  },
  resolve: (ctx, input) => findPolicy(ctx, input.PolicyType, input.PolicyName),
  permissions: [policyPermission('ram:GetPolicy')],
  guards: [policyFound],
  throttle: 'query',
  errors: [],
  references: policyReferences,
  handle: async (ctx, input, named) => {
    const policy = policyOf(named);
    return {
      Policy: await policyAnswer(ctx, input.PolicyType, policy),
      DefaultPolicyVersion: versionAnswer(policy, defaultVersionOf(policy)),
    };
  },
});
