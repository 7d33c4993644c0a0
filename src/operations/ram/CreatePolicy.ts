import { isoSeconds } from '../../core/time.ts';
import { POLICIES, type PolicyRecord } from '../../domain/ram/policy.ts';
import { notOffered } from '../../schema/not-offered.ts';
import { out } from '../../schema/output.ts';
import {
  assertDocument,
  findPolicy,
  newPolicyOutput,
  policiesPermission,
  policyAttributes,
  policyDocument,
  policyReferences,
} from './_policy.ts';
import { writes } from './_product.ts';
import { description, policyName } from './_text.ts';

export const CreatePolicy = writes({
  product: 'Ram',
  name: 'CreatePolicy',
  origin: 'vendor',
  title: 'Makes a custom policy.',
  notes: 'The document becomes version `v1`, in force. The name of a system policy may be used again.',
  input: {
    PolicyName: policyName(),
    PolicyDocument: policyDocument(),
    Description: description(),
    Tag: notOffered('Array', 'Roles and policies carry no tags here; leave it out.'),
  },
  output: { Policy: out.object('The new policy.', newPolicyOutput) },
  resolve: (ctx, input) => findPolicy(ctx, 'Custom', input.PolicyName),
  permissions: [policiesPermission('ram:CreatePolicy')],
  throttle: 'management',
  errors: ['EntityAlreadyExists.Policy', 'LimitExceeded.Policy', 'MalformedPolicyDocument'],
  references: policyReferences,
  handle: async (ctx, input, { policy: existing }) => {
    assertDocument(input.PolicyDocument);
    if (existing !== undefined) throw ctx.fail('EntityAlreadyExists.Policy');
    if ((await ctx.tx.count(POLICIES, ctx.place)) >= ctx.ports.quotas.policies) throw ctx.fail('LimitExceeded.Policy');
    const now = ctx.now.getTime();
    const policy: PolicyRecord = {
      policyName: input.PolicyName,
      description: input.Description ?? '',
      createdAt: now,
      updatedAt: now,
      defaultVersion: 'v1',
      lastNumber: 1,
      versions: [{ versionId: 'v1', document: input.PolicyDocument, createdAt: now }],
    };
    await ctx.tx.insert(POLICIES, ctx.place, policy);
    return { Policy: { ...policyAttributes('Custom', policy), CreateDate: isoSeconds(ctx.now) } };
  },
});
