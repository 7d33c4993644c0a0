import type { Collection } from '../storage.ts';

export type PolicyOrigin = 'System' | 'Custom';

export interface PolicyVersion {
  /** `v1`, `v2`, …; numbers are never used again. */
  readonly versionId: string;
  /** As sent. */
  readonly document: string;
  readonly createdAt: number;
}

/** A custom policy with all its versions. */
export interface PolicyRecord {
  readonly policyName: string;
  readonly description: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** The version in force. */
  readonly defaultVersion: string;
  /** Number of the newest version ever made. */
  readonly lastNumber: number;
  /** Oldest first; at least one. */
  readonly versions: readonly PolicyVersion[];
}

export const POLICIES: Collection<PolicyRecord> = {
  kind: 'ram.policy',
  group: 'ram',
  schema: 1,
  id: (policy) => policy.policyName,
};

export function versionOf(policy: PolicyRecord, versionId: string): PolicyVersion | undefined {
  return policy.versions.find((version) => version.versionId === versionId);
}

/** The version in force. */
export function defaultVersionOf(policy: PolicyRecord): PolicyVersion {
  const version = versionOf(policy, policy.defaultVersion);
  if (version === undefined) throw new Error(`policy ${policy.policyName} has lost its default version`);
  return version;
}

/** The policy with one version more, the newest; `asDefault` puts it in force. */
export function withVersion(policy: PolicyRecord, document: string, asDefault: boolean, now: number): PolicyRecord {
  const lastNumber = policy.lastNumber + 1;
  const versionId = `v${lastNumber}`;
  return {
    ...policy,
    lastNumber,
    updatedAt: now,
    defaultVersion: asDefault ? versionId : policy.defaultVersion,
    versions: [...policy.versions, { versionId, document, createdAt: now }],
  };
}

export function withoutVersion(policy: PolicyRecord, versionId: string, now: number): PolicyRecord {
  return {
    ...policy,
    updatedAt: now,
    versions: policy.versions.filter((version) => version.versionId !== versionId),
  };
}

/** The oldest version that is not in force. */
export function oldestSpareVersion(policy: PolicyRecord): PolicyVersion | undefined {
  return policy.versions.find((version) => version.versionId !== policy.defaultVersion);
}
