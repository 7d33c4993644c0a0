import { createHash, createHmac } from 'node:crypto';
import type { Secret } from '../core/secret.ts';
import { percentEncode } from './percent.ts';

export type Acs3Scheme = 'ACS3-HMAC-SHA256' | 'ACS3-HMAC-SM3';

const HASH = { 'ACS3-HMAC-SHA256': 'sha256', 'ACS3-HMAC-SM3': 'sm3' } as const;

/** Lower-case hex hash of the body, as `x-acs-content-sha256` carries it (also with SM3). */
export function bodyHash(scheme: Acs3Scheme, body: Uint8Array): string {
  return createHash(HASH[scheme]).update(body).digest('hex');
}

/** Canonical request: method, path, query, the headers the client lists, the list as sent, the body's hash. */
export function canonicalRequest(
  method: string,
  query: readonly (readonly [string, string])[],
  headers: Readonly<Record<string, string | undefined>>,
  signedHeaders: readonly string[],
  hash: string,
): string {
  const sorted = query.map(([name, value]) => [name, `${percentEncode(name)}=${percentEncode(value)}`] as const);
  sorted.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const block = signedHeaders.map((name) => `${name}:${(headers[name] ?? '').trim()}\n`).join('');
  return `${method}\n/\n${sorted.map(([, pair]) => pair).join('&')}\n${block}\n${signedHeaders.join(';')}\n${hash}`;
}

export function stringToSignAcs3(scheme: Acs3Scheme, canonical: string): string {
  return `${scheme}\n${createHash(HASH[scheme]).update(canonical, 'utf8').digest('hex')}`;
}

/** Lower-case hex HMAC under the plain secret. */
export function signAcs3(scheme: Acs3Scheme, stringToSign: string, secret: Secret): string {
  return createHmac(HASH[scheme], secret.reveal()).update(stringToSign, 'utf8').digest('hex');
}
