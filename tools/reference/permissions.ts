import type { Operation, Permission } from '../../src/operation/operation.ts';
import { conditionKeys } from './condition-keys.ts';

/** One permission that a caller of an operation needs. */
export interface NeededPermission {
  readonly action: string;
  readonly resource: string;
  /** Condition keys besides those of every request, for a cell of a table. */
  readonly conditions: string;
  /** When it is needed, in words; empty for always. */
  readonly when: string;
}

function own(operation: Operation): NeededPermission[] {
  if (operation.permissions === 'none') return [];
  return (operation.permissions as readonly Permission<never, never>[]).map((permission) => ({
    action: permission.action,
    resource: permission.resource,
    conditions: conditionKeys(operation, permission),
    when: permission.when === undefined ? '' : 'when the call concerns it',
  }));
}

/** Everything the caller must be allowed: for the operation itself, and for those it calls as the caller. */
export function permissionsOf(operation: Operation, all: readonly Operation[]): NeededPermission[] {
  const called = operation.calls.flatMap(({ product, name, when }) => {
    const found = all.find((one) => one.product === product && one.name === name);
    if (found === undefined) throw new Error(`${operation.name} calls ${product} ${name}, which does not exist`);
    return own(found).map((permission) => ({ ...permission, when: `when ${when}` }));
  });
  return [...own(operation), ...called];
}
