import { table } from '../../core/table.ts';
import { KEY_STORE_SERVICE } from '../kms/key-store-role.ts';

/** A policy every account has and none can change. */
export interface SystemPolicy {
  readonly policyName: string;
  readonly description: string;
  /** Always one version. */
  readonly versionId: 'v1';
  readonly document: string;
  readonly createdAt: number;
}

interface StatementForm {
  readonly Effect: 'Allow';
  readonly Action?: string | readonly string[];
  readonly NotAction?: readonly string[];
  readonly Resource: string;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

const CREATED_AT = Date.UTC(2021, 0, 1);

/** Makes the row of a system policy out of its statements. */
export function systemPolicyOf(
  policyName: string,
  description: string,
  statements: readonly StatementForm[],
): SystemPolicy {
  const document = JSON.stringify({ Version: '1', Statement: statements }, undefined, 2);
  return { policyName, description, versionId: 'v1', document, createdAt: CREATED_AT };
}

function allow(Action: string | readonly string[]): StatementForm {
  return { Action, Resource: '*', Effect: 'Allow' };
}

const CREATE_KEY_STORE_ROLE: StatementForm = {
  Action: 'ram:CreateServiceLinkedRole',
  Resource: '*',
  Effect: 'Allow',
  Condition: { StringEquals: { 'ram:ServiceName': KEY_STORE_SERVICE } },
};

const KMS_LOOK = ['kms:List*', 'kms:Describe*', 'kms:GetKeyPolicy', 'kms:GetSecretPolicy', 'kms:GetPublicKey'];
const RAM_LOOK = ['ram:Get*', 'ram:List*'];
const HSM_LOOK = ['yundun-hsm:Describe*', 'yundun-hsm:Get*', 'yundun-hsm:List*'];
const TRAIL_LOOK = ['actiontrail:LookupEvents', 'actiontrail:Describe*', 'actiontrail:Get*', 'actiontrail:List*'];

const rows: readonly SystemPolicy[] = [
  systemPolicyOf('AdministratorAccess', 'Provides full access to all services and resources.', [allow('*')]),
  // The vendor's document names several hundred actions; ours the products served here, and no secret values.
  systemPolicyOf('ReadOnlyAccess', 'Provides read-only access to all services; values of secrets are left out.', [
    allow([...KMS_LOOK, ...RAM_LOOK, 'ecs:Describe*', 'vpc:Describe*', ...HSM_LOOK, ...TRAIL_LOOK, 'coffer:Describe*']),
  ]),
  systemPolicyOf(
    'PowerUserAccess',
    'Provides full access to all services except the management of identities and accounts.',
    [
      { NotAction: ['ram:*', 'ims:*', 'resourcemanager:*', 'coffer:*'], Resource: '*', Effect: 'Allow' },
      allow([
        'ram:GetRole',
        'ram:ListRoles',
        'ram:CheckServiceLinkedRoleExistence',
        'ram:CreateServiceLinkedRole',
        'ram:DeleteServiceLinkedRole',
        'ram:GetServiceLinkedRoleDeletionStatus',
      ]),
    ],
  ),
  systemPolicyOf('AliyunKMSFullAccess', 'Provides full access to Key Management Service.', [
    allow('kms:*'),
    CREATE_KEY_STORE_ROLE,
  ]),
  systemPolicyOf('AliyunKMSReadOnlyAccess', 'Provides read-only access to Key Management Service.', [allow(KMS_LOOK)]),
  systemPolicyOf('AliyunKMSCryptoUserAccess', 'Provides the use of keys for encryption, decryption and signatures.', [
    allow([
      'kms:List*',
      'kms:Describe*',
      'kms:Encrypt',
      'kms:Decrypt',
      'kms:ReEncrypt*',
      'kms:GenerateDataKey*',
      'kms:GenerateAndExportDataKey',
      'kms:ExportDataKey',
      'kms:Asymmetric*',
      'kms:GetPublicKey',
    ]),
  ]),
  systemPolicyOf('AliyunSTSAssumeRoleAccess', 'Provides the right to assume roles.', [allow('sts:AssumeRole')]),
  systemPolicyOf('AliyunRAMFullAccess', 'Provides full access to Resource Access Management.', [
    allow(['ram:*', 'ims:*']),
  ]),
  systemPolicyOf('AliyunRAMReadOnlyAccess', 'Provides read-only access to Resource Access Management.', [
    allow([...RAM_LOOK, 'ims:Get*', 'ims:List*']),
  ]),
  systemPolicyOf('AliyunECSFullAccess', 'Provides full access to Elastic Compute Service.', [
    allow('ecs:*'),
    allow(['vpc:DescribeVpcs', 'vpc:DescribeVSwitches']),
  ]),
  systemPolicyOf('AliyunECSReadOnlyAccess', 'Provides read-only access to Elastic Compute Service.', [
    allow(['ecs:Describe*', 'ecs:List*', 'vpc:DescribeVpcs', 'vpc:DescribeVSwitches']),
  ]),
  systemPolicyOf('AliyunVPCFullAccess', 'Provides full access to Virtual Private Cloud.', [allow('vpc:*')]),
  systemPolicyOf('AliyunVPCReadOnlyAccess', 'Provides read-only access to Virtual Private Cloud.', [
    allow(['vpc:Describe*', 'vpc:List*', 'vpc:Get*']),
  ]),
  systemPolicyOf('AliyunYundunHSMFullAccess', 'Provides full access to Data Encryption Service (HSMs).', [
    allow('yundun-hsm:*'),
  ]),
  systemPolicyOf('AliyunYundunHSMReadOnlyAccess', 'Provides read-only access to Data Encryption Service (HSMs).', [
    allow(HSM_LOOK),
  ]),
  systemPolicyOf('AliyunActionTrailFullAccess', 'Provides full access to ActionTrail.', [allow('actiontrail:*')]),
  systemPolicyOf('AliyunActionTrailReadOnlyAccess', 'Provides read-only access to ActionTrail.', [allow(TRAIL_LOOK)]),
];

/** System policies by name, those of service-linked roles apart: they are in the catalogue of these roles. */
export const SYSTEM_POLICIES: Readonly<Record<string, SystemPolicy>> = table(
  Object.fromEntries(rows.map((row) => [row.policyName, row])),
);
