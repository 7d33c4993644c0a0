export type Scheme = 'V1' | 'ACS3-HMAC-SHA256' | 'ACS3-HMAC-SM3';

/** What a signature names and covers. */
export interface Credential {
  readonly scheme: Scheme;
  readonly accessKeyId: string;
  readonly securityToken: string | undefined;
  readonly signature: string;
  readonly timestamp: string | undefined;
  readonly nonce: string | undefined;
  /** Names in SignedHeaders, as sent (ACS3 only). */
  readonly signedHeaders: readonly string[];
}
