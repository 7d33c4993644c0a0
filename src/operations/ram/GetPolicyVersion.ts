import { out } from '../../schema/output.ts';
import {
  policyFound,
  policyOf,
  policyPermission,
  policyReferences,
  policyType,
  versionAnswer,
  versionId,
  versionOutput,
} from './_policy.ts';
import { findVersion, versionFound } from './_policy-version.ts';
import { reads } from './_product.ts';
import { policyName } from './_text.ts';

export const GetPolicyVersion = reads({
  product: 'Ram',
  name: 'GetPolicyVersion',
  origin: 'vendor',
  title: 'Shows one version of a policy.',
  input: { PolicyName: policyName(), PolicyType: policyType(), VersionId: versionId() },
  output: { PolicyVersion: out.object('The version.', versionOutput) },
  resolve: (ctx, input) => findVersion(ctx, input.PolicyType, input.PolicyName, input.VersionId),
  permissions: [policyPermission('ram:GetPolicyVersion')],
  guards: [policyFound, versionFound],
  throttle: 'query',
  errors: [],
  references: policyReferences,
  handle: async (_ctx, _input, named) => ({ PolicyVersion: versionAnswer(policyOf(named), named.version!) }),
});
