import { lookup } from '../core/table.ts';
import { SYSTEM_POLICIES, type SystemPolicy } from '../domain/ram/system-policies.ts';
import { LINKED_ROLES, linkedRoleOfPolicy } from './catalogue.ts';

/** A system policy by name, those of service-linked roles included. */
export function systemPolicy(policyName: string): SystemPolicy | undefined {
  return lookup(SYSTEM_POLICIES, policyName) ?? linkedRoleOfPolicy(policyName)?.policy;
}

/** All system policies, by name. */
export function allSystemPolicies(): readonly SystemPolicy[] {
  const linked = Object.values(LINKED_ROLES).map((role) => role.policy);
  return [...Object.values(SYSTEM_POLICIES), ...linked].sort((a, b) => (a.policyName < b.policyName ? -1 : 1));
}
