import type { PolicyOrigin } from './policy.ts';
import { type RoleRecord, roleKey } from './role.ts';

/**
 * A RAM resource as permissions are decided on it: written with `*` for the region, as policies do, and with the empty
 * region of real ARNs.
 */
export function ramArns(account: string, relative: string): readonly string[] {
  return [`acs:ram:*:${account}:${relative}`, `acs:ram::${account}:${relative}`];
}

/** A role by its name as sent, in lower case as its ARN has it, and as it is stored: policies use all of them. */
export function roleArns(account: string, sent: string, role: RoleRecord | undefined): readonly string[] {
  const names = new Set([sent, roleKey(sent), ...(role === undefined ? [] : [role.roleName])]);
  return [...names].flatMap((name) => ramArns(account, `role/${name}`));
}

/** A policy; system policies belong to `system`. */
export function policyArns(account: string, type: PolicyOrigin, policyName: string): readonly string[] {
  return ramArns(type === 'System' ? 'system' : account, `policy/${policyName}`);
}
