/**
 * Condition keys the vendor documents (RAM policy elements; KMS condition keys, February 2026). Documents may use any
 * other name as well: such a key is absent from every request. Names are case-sensitive.
 */
export const CONDITION_KEYS: readonly string[] = [
  'acs:CurrentTime',
  'acs:SecureTransport',
  'acs:SourceIp',
  'acs:VpcSourceIp',
  'acs:SourceVpc',
  'acs:MFAPresent',
  'acs:PrincipalARN',
  'acs:PrincipalRDId',
  'acs:PrincipalRDPath',
  'acs:Service',
  'acs:ResourceGroupId',
  'acs:SourceArn',
  'ram:ServiceName',
  'ram:ServiceNames',
  'ram:TrustedPrincipalTypes',
  'sts:ExternalId',
  'sts:SourceIdentity',
  'saml:recipient',
  'oidc:iss',
  'oidc:aud',
  'oidc:sub',
];

/** What the keys begin with that carry the name of a tag of the resource. */
export const RESOURCE_TAG_PREFIXES: readonly string[] = ['acs:ResourceTag/', 'kms:tag/'];

/** What the keys that carry a tag's name begin with. */
export const TAG_KEY_PREFIXES: readonly string[] = ['acs:RequestTag/', ...RESOURCE_TAG_PREFIXES];
