import { compileGlob } from './glob.ts';

/** Actions a trust policy may name, in lower case; no others are accepted. */
export const TRUST_POLICY_ACTIONS: readonly string[] = [
  'sts:assumerole',
  'sts:assumerolewithsaml',
  'sts:assumerolewithoidc',
];

/** Actions a key or secret policy can decide (KMS, overview of key policies, March 2026); others it cannot. */
export const KEY_POLICY_ACTIONS: readonly string[] = [
  'kms:List*',
  'kms:Describe*',
  'kms:Create*',
  'kms:Enable*',
  'kms:Disable*',
  'kms:Get*',
  'kms:Set*',
  'kms:Update*',
  'kms:Delete*',
  'kms:Cancel*',
  'kms:TagResource',
  'kms:UntagResource',
  'kms:ImportKeyMaterial',
  'kms:ScheduleKeyDeletion',
  'kms:Encrypt',
  'kms:Decrypt',
  'kms:GenerateDataKey',
  'kms:GenerateAndExportDataKey',
  'kms:AsymmetricEncrypt',
  'kms:AsymmetricDecrypt',
];

const EFFECTIVE = KEY_POLICY_ACTIONS.map((action) => compileGlob(action.toLowerCase()));

/** Whether a key policy has a say in the action, given in lower case. */
export function isKeyPolicyAction(action: string): boolean {
  return EFFECTIVE.some((fits) => fits(action));
}
