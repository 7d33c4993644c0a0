import type { PolicyOrigin, PolicyVersion } from '../../domain/ram/policy.ts';
import { versionOf } from '../../domain/ram/policy.ts';
import type { LookupContext } from '../../operation/context.ts';
import { found } from '../../operation/found.ts';
import { findPolicy, type NamedPolicy } from './_policy.ts';

/** A version of a policy as the caller named both. */
export interface NamedVersion extends NamedPolicy {
  readonly version: PolicyVersion | undefined;
}

export async function findVersion(
  ctx: LookupContext,
  type: PolicyOrigin,
  policyName: string,
  versionId: string,
): Promise<NamedVersion> {
  const named = await findPolicy(ctx, type, policyName);
  return { ...named, version: named.policy === undefined ? undefined : versionOf(named.policy, versionId) };
}

export const versionFound = found<NamedVersion>(
  'EntityNotExist.Policy.Version',
  'The policy has this version.',
  ({ version }) => version,
);
