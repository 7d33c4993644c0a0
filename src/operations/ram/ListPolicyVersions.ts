import { out } from '../../schema/output.ts';
import {
  findPolicy,
  policyFound,
  policyOf,
  policyPermission,
  policyReferences,
  policyType,
  versionAnswer,
  versionOutput,
} from './_policy.ts';
import { reads } from './_product.ts';
import { policyName } from './_text.ts';

export const ListPolicyVersions = reads({
  product: 'Ram',
  name: 'ListPolicyVersions',
  origin: 'vendor',
  title: 'Lists the versions of a policy.',
  input: { PolicyName: policyName(), PolicyType: policyType() },
  output: { PolicyVersions: out.list('The versions, oldest first.', 'PolicyVersion', versionOutput) },
  resolve: (ctx, input) => findPolicy(ctx, input.PolicyType, input.PolicyName),
  permissions: [policyPermission('ram:ListPolicyVersions')],
  guards: [policyFound],
  throttle: 'query',
  errors: [],
  references: policyReferences,
  handle: async (_ctx, _input, named) => {
    const policy = policyOf(named);
    return { PolicyVersions: policy.versions.map((version) => versionAnswer(policy, version)) };
  },
});
