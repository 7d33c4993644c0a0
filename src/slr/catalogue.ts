import { lookup, table } from '../core/table.ts';
import { KEY_STORE_ROLE, KEY_STORE_SERVICE } from '../domain/kms/key-store-role.ts';
import { roleKey } from '../domain/ram/role.ts';
import { type SystemPolicy, systemPolicyOf } from '../domain/ram/system-policies.ts';

/** Everything known about a role that exactly one service may assume. */
export interface LinkedRole {
  readonly serviceName: string;
  readonly roleName: string;
  /** Preset; only a role that takes a suffix may be given another. */
  readonly description: string;
  readonly policy: SystemPolicy;
  readonly suffixAllowed: boolean;
}

// Source: "Service-linked role for key stores" (KMS, 2021); statements and their order as published there.
const keyStore: LinkedRole = {
  serviceName: KEY_STORE_SERVICE,
  roleName: KEY_STORE_ROLE,
  description:
    'Service Linked Role for Key Management Service - Key Store. Key Management Service - Key Store will use this role to access your resources in other services.',
  policy: systemPolicyOf(
    'AliyunServiceRolePolicyForKMSKeyStore',
    'Policy of the service-linked role AliyunServiceRoleForKMSKeyStore. Do not attach it to anything else.',
    [
      {
        Action: [
          'ecs:CreateNetworkInterfacePermission',
          'ecs:DeleteNetworkInterfacePermission',
          'ecs:CreateNetworkInterface',
          'ecs:DescribeNetworkInterfaces',
          'ecs:DescribeSecurityGroups',
          'ecs:CreateSecurityGroup',
          'ecs:DeleteSecurityGroup',
          'ecs:AuthorizeSecurityGroup',
          'ecs:AuthorizeSecurityGroupEgress',
          'ecs:RevokeSecurityGroup',
          'ecs:RevokeSecurityGroupEgress',
          'ecs:DescribeSecurityGroupAttribute',
        ],
        Resource: '*',
        Effect: 'Allow',
      },
      { Action: ['vpc:DescribeVSwitches', 'vpc:DescribeVpcs'], Resource: '*', Effect: 'Allow' },
      { Action: ['yundun-hsm:DescribeInstances', 'yundun-hsm:DescribeClusters'], Resource: '*', Effect: 'Allow' },
      {
        Action: 'ram:DeleteServiceLinkedRole',
        Resource: '*',
        Effect: 'Allow',
        Condition: { StringEquals: { 'ram:ServiceName': KEY_STORE_SERVICE } },
      },
    ],
  ),
  suffixAllowed: false,
};

/** The service-linked roles there are, by the service they are linked to. A new one is a row here and a usage probe. */
export const LINKED_ROLES: Readonly<Record<string, LinkedRole>> = table(
  Object.fromEntries([keyStore].map((role) => [role.serviceName, role])),
);

const BY_POLICY: Readonly<Record<string, LinkedRole>> = table(
  Object.fromEntries(Object.values(LINKED_ROLES).map((role) => [role.policy.policyName, role])),
);

export function linkedRole(serviceName: string): LinkedRole | undefined {
  return lookup(LINKED_ROLES, serviceName);
}

/** The role whose policy it is. */
export function linkedRoleOfPolicy(policyName: string): LinkedRole | undefined {
  return lookup(BY_POLICY, policyName);
}

const BY_ROLE: Readonly<Record<string, LinkedRole>> = table(
  Object.fromEntries(Object.values(LINKED_ROLES).map((role) => [roleKey(role.roleName), role])),
);

/**
 * The service whose role has this name, in any spelling, with or without a suffix; whether there is such a role in an
 * account makes no difference. The names are reserved, so no ordinary role has one.
 */
export function serviceOfRoleName(roleName: string): string | undefined {
  const [name, suffix] = roleKey(roleName).split('_', 2);
  const linked = lookup(BY_ROLE, name!);
  return suffix === undefined || linked?.suffixAllowed === true ? linked?.serviceName : undefined;
}

const RESERVED_NAME = /^aliyunservicerolefor/i;

/** Names ordinary roles may not have, so that nobody can stand in the way of a service's role. */
export function isReservedRoleName(roleName: string): boolean {
  return RESERVED_NAME.test(roleName);
}
