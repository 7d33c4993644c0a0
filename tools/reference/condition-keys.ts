import type { Permission } from '../../src/operation/operation.ts';

/** The condition keys a permission declares, for a cell of a table; keys made of tags have no fixed names. */
export function conditionKeys({ conditions, storedConditions }: Permission<never, never>): string {
  const keys = new Set([...Object.keys(conditions ?? {}), ...Object.keys(storedConditions ?? {})]);
  return [...keys].map((key) => `\`${key}\``).join(', ');
}
