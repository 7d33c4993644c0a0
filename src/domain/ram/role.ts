import { parseArn } from '../../core/arn.ts';
import type { Collection, Reader } from '../storage.ts';
import { ramPlace } from './account.ts';

export interface RoleRecord {
  readonly roleId: string;
  /** Case kept; unique in the account whatever the case. */
  readonly roleName: string;
  readonly description: string;
  /** The document that says who may assume the role. */
  readonly trustPolicy: string;
  /** Seconds. */
  readonly maxSessionDuration: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  /**
   * The service the role is linked to. This alone makes a role service-linked: never its name or its trust policy.
   */
  readonly linkedService?: string;
}

export const ROLES: Collection<RoleRecord> = {
  kind: 'ram.role',
  group: 'ram',
  schema: 1,
  id: (role) => role.roleId,
  unique: { name: (role) => roleKey(role.roleName) },
};

/** A role name as it is looked up: ARNs carry it in lower case. */
export function roleKey(roleName: string): string {
  return roleName.toLowerCase();
}

/** The role of that name, in any spelling. */
export function findRole(read: Reader, account: string, roleName: string): Promise<RoleRecord | undefined> {
  return read.find(ROLES, ramPlace(account), 'name', roleKey(roleName));
}

/** Account and name out of a role's ARN, in any spelling of the name; undefined when it is no such ARN. */
export function parseRoleArn(text: string): { readonly account: string; readonly roleName: string } | undefined {
  const arn = parseArn(text);
  const name = arn === undefined ? undefined : /^role\/([A-Za-z0-9._-]{1,64})$/.exec(arn.relative)?.[1];
  if (arn === undefined || name === undefined || arn.service !== 'ram' || !/^\d{16}$/.test(arn.account))
    return undefined;
  return arn.region === '' || arn.region === '*' ? { account: arn.account, roleName: name } : undefined;
}

/** `<RoleName>@role.<account>.onaliyunservice.com`. */
export function rolePrincipalName(account: string, roleName: string): string {
  return `${roleName}@role.${account}.onaliyunservice.com`;
}
