import { createHmac } from 'node:crypto';
import type { Secret } from '../core/secret.ts';
import { percentEncode } from './percent.ts';

/** String to sign of signature V1 over all parameters but Signature, sorted by code point. */
export function stringToSignV1(method: string, parameters: Iterable<readonly [string, string]>): string {
  const pairs = [...parameters].map(
    ([name, value]) => [name, `${percentEncode(name)}=${percentEncode(value)}`] as const,
  );
  pairs.sort(([a], [b]) => compareCodePoints(a, b));
  return `${method}&%2F&${percentEncode(pairs.map(([, pair]) => pair).join('&'))}`;
}

/** Names are ASCII in practice, where UTF-16 order is code-point order; beyond it the two differ. */
function compareCodePoints(a: string, b: string): number {
  if (a === b) return 0;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly the ASCII range is meant
  if (/^[\x00-\x7f]*$/.test(a + b)) return a < b ? -1 : 1;
  return Buffer.compare(Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8'));
}

/** Base64 HMAC-SHA1 under the secret followed by `&`. */
export function signV1(stringToSign: string, secret: Secret): string {
  return createHmac('sha1', Buffer.concat([secret.reveal(), Buffer.from('&')]))
    .update(stringToSign, 'utf8')
    .digest('base64');
}
