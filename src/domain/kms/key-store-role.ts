/** The service that private key stores are, as trust policies and audit events name it. */
export const KEY_STORE_SERVICE = 'keystore.kms.aliyuncs.com';

/** The role linked to it: all that KMS may do in an account's other services. */
export const KEY_STORE_ROLE = 'AliyunServiceRoleForKMSKeyStore';

/** The crypto user KMS logs in as, on every HSM of a store's cluster. */
export const KEY_STORE_HSM_USER = 'kmsuser';

/** What a store's password is sealed with: it opens for its own store only. */
export function passwordBinding(place: { readonly account: string; readonly region: string }, id: string): string {
  return `kms.key-store-password/${place.account}/${place.region}/${id}`;
}

/** KMS's own account, which the role lets attach the interfaces it makes. Owns nothing else. */
export const KEY_STORE_SERVICE_ACCOUNT = '1900000000000001';
