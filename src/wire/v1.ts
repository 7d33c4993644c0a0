import { createHmac } from 'node:crypto';
import type { Secret } from '../core/secret.ts';
import { canonicalQuery } from './canonical-query.ts';
import { percentEncode } from './percent.ts';

/** String to sign of signature V1 over all parameters but Signature, of query and form alike. Holds no colon. */
export function stringToSignV1(method: string, parameters: Iterable<readonly [string, string]>): string {
  return `${method}&%2F&${percentEncode(canonicalQuery(parameters))}`;
}

/** Base64 HMAC-SHA1 under the secret followed by `&`. */
export function signV1(stringToSign: string, secret: Secret): string {
  const key = Buffer.concat([secret.reveal(), Buffer.from('&')]);
  const signature = createHmac('sha1', key).update(stringToSign, 'utf8').digest('base64');
  key.fill(0);
  return signature;
}
