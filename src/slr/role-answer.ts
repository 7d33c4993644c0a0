import { roleArn } from '../core/arn.ts';
import { isoSeconds } from '../core/time.ts';
import { type RoleRecord, rolePrincipalName } from '../domain/ram/role.ts';
import { out } from '../schema/output.ts';

/** A role as CreateServiceLinkedRole and ResourceManager show it. */
export const linkedRoleOutput = {
  RoleId: out.text('Id of the role; a role made anew has another one.'),
  RoleName: out.text('Name of the role.'),
  Arn: out.text('ARN of the role: the name in lower case.'),
  AssumeRolePolicyDocument: out.text('Who may assume the role.'),
  Description: out.text('Description.'),
  CreateDate: out.text('When the role was made.'),
  IsServiceLinkedRole: out.flag('The role is linked to a service.'),
  RolePrincipalName: out.text('`<RoleName>@role.<account>.onaliyunservice.com`.'),
};

export function linkedRoleAnswer(account: string, role: RoleRecord) {
  return {
    RoleId: role.roleId,
    RoleName: role.roleName,
    Arn: roleArn(account, role.roleName),
    AssumeRolePolicyDocument: role.trustPolicy,
    Description: role.description,
    CreateDate: isoSeconds(new Date(role.createdAt)),
    IsServiceLinkedRole: role.linkedService !== undefined,
    RolePrincipalName: rolePrincipalName(account, role.roleName),
  };
}
