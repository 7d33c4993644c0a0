import { isoSeconds } from '../../core/time.ts';
import { ATTACHMENTS, attachedPolicy } from '../../domain/ram/attachment.ts';
import { POLICIES, type PolicyOrigin, type PolicyRecord, type PolicyVersion } from '../../domain/ram/policy.ts';
import { policyArns, ramArns } from '../../domain/ram/resources.ts';
import type { SystemPolicy } from '../../domain/ram/system-policies.ts';
import { fail } from '../../errors/fault.ts';
import type { LookupContext } from '../../operation/context.ts';
import { found, sure } from '../../operation/found.ts';
import type { Permission, Subject } from '../../operation/operation.ts';
import { MAX_POLICY_CHARACTERS, MalformedPolicy, parsePolicy } from '../../policy/document.ts';
import { choice, text } from '../../schema/fields.ts';
import { out } from '../../schema/output.ts';
import { systemPolicy } from '../../slr/system-policy.ts';

/** A policy as the caller named it, and what that name finds; a system policy looks like a custom one. */
export interface NamedPolicy {
  readonly policyType: PolicyOrigin;
  readonly policyName: string;
  readonly policy: PolicyRecord | undefined;
}

/** A system policy in the form of a record. */
export function asRecord({ policyName, description, versionId, document, createdAt }: SystemPolicy): PolicyRecord {
  return {
    policyName,
    description,
    createdAt,
    updatedAt: createdAt,
    defaultVersion: versionId,
    lastNumber: 1,
    versions: [{ versionId, document, createdAt }],
  };
}

export async function findPolicy(
  ctx: LookupContext,
  policyType: PolicyOrigin,
  policyName: string,
): Promise<NamedPolicy> {
  if (policyType === 'Custom') {
    return { policyType, policyName, policy: await ctx.read.get(POLICIES, ctx.place, policyName) };
  }
  const found = systemPolicy(policyName);
  return { policyType, policyName, policy: found === undefined ? undefined : asRecord(found) };
}

/** Permission on the policy that was named. */
export function policyPermission<I, R extends NamedPolicy>(action: `ram:${string}`): Permission<I, R> {
  return {
    action,
    resource: 'acs:ram:*:{account|system}:policy/{PolicyName}',
    arns: ({ resolved, ctx }) => policyArns(ctx.account, resolved.policyType, resolved.policyName),
  };
}

/** Permission on custom policies as such: to make or list them. */
export function policiesPermission<I, R>(action: `ram:${string}`): Permission<I, R> {
  return {
    action,
    resource: 'acs:ram:*:{account}:policy/*',
    arns: ({ ctx }) => ramArns(ctx.account, 'policy/*'),
  };
}

export const policyFound = found<NamedPolicy>('EntityNotExist.Policy', 'The policy exists.', ({ policy }) => policy);

/** The policy that {@link policyFound} has made sure of. */
export function policyOf({ policy }: NamedPolicy): PolicyRecord {
  return sure(policy, 'policyFound');
}

export function policyReferences<I, R extends NamedPolicy>({ resolved }: Subject<I, R>) {
  return { 'ACS::RAM::Policy': [resolved.policyName] };
}

export const policyType = () =>
  choice(['System', 'Custom'], { doc: 'Kind of policy: the same name may occur in both.', required: true });

export const policyDocument = () => text({ doc: 'The policy document.', required: true, max: MAX_POLICY_CHARACTERS });

export const versionId = () =>
  text({
    doc: 'The version: `v1`.',
    required: true,
    max: 16,
    pattern: /^v[1-9][0-9]*$/,
    form: '`v` and a number',
    breach: 'format',
  });

/** Throws `MalformedPolicyDocument` at what breaks the grammar of identity policies. */
export function assertDocument(document: string): void {
  try {
    parsePolicy(document, 'identity');
  } catch (error) {
    if (!(error instanceof MalformedPolicy)) throw error;
    throw fail('MalformedPolicyDocument', { detail: error.message }, { cause: error });
  }
}

/** To how many users, groups and roles it is attached. */
export function attachmentCount(ctx: LookupContext, policyType: PolicyOrigin, policyName: string): Promise<number> {
  return ctx.read.count(ATTACHMENTS, ctx.place, { index: 'policy', value: attachedPolicy({ policyType, policyName }) });
}

const attributes = {
  PolicyName: out.text('Name of the policy.'),
  PolicyType: out.text('`System` or `Custom`.'),
  Description: out.text('Description.'),
  DefaultVersion: out.text('The version in force.'),
};

export const newPolicyOutput = { ...attributes, CreateDate: out.text('When the policy was made.') };
export const attachedPolicyOutput = { ...attributes, AttachDate: out.text('When it was attached.') };
export const policyOutput = {
  ...newPolicyOutput,
  UpdateDate: out.text('When the policy was last changed.'),
  AttachmentCount: out.integer('To how many users, groups and roles it is attached.'),
};

export function policyAttributes(policyType: PolicyOrigin, policy: PolicyRecord) {
  return {
    PolicyName: policy.policyName,
    PolicyType: policyType,
    Description: policy.description,
    DefaultVersion: policy.defaultVersion,
  };
}

export async function policyAnswer(ctx: LookupContext, policyType: PolicyOrigin, policy: PolicyRecord) {
  return {
    ...policyAttributes(policyType, policy),
    CreateDate: isoSeconds(new Date(policy.createdAt)),
    UpdateDate: isoSeconds(new Date(policy.updatedAt)),
    AttachmentCount: await attachmentCount(ctx, policyType, policy.policyName),
  };
}

export const versionOutput = {
  VersionId: out.text('The version.'),
  IsDefaultVersion: out.flag('It is in force.'),
  PolicyDocument: out.text('The document as it was sent.'),
  CreateDate: out.text('When the version was made.'),
};

export function versionAnswer(policy: PolicyRecord, version: PolicyVersion) {
  return {
    VersionId: version.versionId,
    IsDefaultVersion: version.versionId === policy.defaultVersion,
    PolicyDocument: version.document,
    CreateDate: isoSeconds(new Date(version.createdAt)),
  };
}
