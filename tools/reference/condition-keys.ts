import type { Operation, Permission } from '../../src/operation/operation.ts';

/** The condition keys of a permission besides those of every request, for a cell of a table. */
export function conditionKeys({ parameterRoles }: Operation, permission: Permission<never, never>): string {
  const { conditions = {}, storedConditions = {}, tags } = permission;
  const keys = new Set([...Object.keys(conditions), ...Object.keys(storedConditions)]);
  if (parameterRoles.tags.length > 0) keys.add('acs:RequestTag/<key>');
  if (tags !== undefined) keys.add('acs:ResourceTag/<key>');
  return [...keys].map((key) => `\`${key}\``).join(', ');
}
