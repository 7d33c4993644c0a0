/** Roles as operations name them: what those of RAM, ResourceManager and on service-linked roles have in common. */
import { ramArns, roleArns } from '../domain/ram/resources.ts';
import { findRole, type RoleRecord } from '../domain/ram/role.ts';
import type { LookupContext } from '../operation/context.ts';
import { found, sure } from '../operation/found.ts';
import type { Permission, Subject } from '../operation/operation.ts';
import { text } from '../schema/fields.ts';

/** A role as the caller named it, and what that name finds. */
export interface NamedRole {
  readonly roleName: string;
  readonly role: RoleRecord | undefined;
}

/** The `RoleName` parameter. An underscore stands before the suffix of some service-linked roles. */
export function roleName(doc = 'Name of the role, in any case.') {
  const form = 'letters, digits, `.`, `_`, `-`';
  return text({ doc, required: true, max: 64, pattern: /^[A-Za-z0-9._-]+$/, form });
}

export async function namedRole(ctx: LookupContext, sent: string): Promise<NamedRole> {
  return { roleName: sent, role: await findRole(ctx.read, ctx.account, sent) };
}

/** The permission on one role. */
export function rolePermission<I, R extends NamedRole>(action: `ram:${string}`): Permission<I, R> {
  return {
    action,
    resource: 'acs:ram:*:{account}:role/{RoleName}',
    arns: ({ resolved, ctx }) => roleArns(ctx.account, resolved.roleName, resolved.role),
  };
}

/** Permission on roles as such: to list them, or to make one. */
export function rolesPermission<I, R>(action: `ram:${string}`): Permission<I, R> {
  return {
    action,
    resource: 'acs:ram:*:{account}:role/*',
    arns: ({ ctx }) => ramArns(ctx.account, 'role/*'),
  };
}

export const roleFound = found<NamedRole>(
  'EntityNotExist.Role',
  'The role exists in this account.',
  ({ role }) => role,
);

/** The role that {@link roleFound} has made sure of. */
export function roleOf({ role }: NamedRole): RoleRecord {
  return sure(role, 'roleFound');
}

/** The role for the audit event. */
export function roleReferences<I, R extends NamedRole>({ resolved }: Subject<I, R>) {
  return { 'ACS::RAM::Role': [resolved.role?.roleName ?? resolved.roleName] };
}
