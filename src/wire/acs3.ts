import { createHmac, hash } from 'node:crypto';
import type { Secret } from '../core/secret.ts';
import { lookup } from '../core/table.ts';
import { canonicalQuery } from './canonical-query.ts';

export type Acs3Scheme = 'ACS3-HMAC-SHA256' | 'ACS3-HMAC-SM3';

const HASH = { 'ACS3-HMAC-SHA256': 'sha256', 'ACS3-HMAC-SM3': 'sm3' } as const;

/** Header names in lower case. */
export type Headers = Readonly<Record<string, string | undefined>>;

/** A header by a name the client chose. HTTP/2 requests carry their host as `:authority`. */
export function signedHeader(headers: Headers, name: string): string | undefined {
  const value = lookup(headers, name);
  return value === undefined && name === 'host' ? lookup(headers, ':authority') : value;
}

/**
 * A header's value without the blanks and tabs around it, which are all that HTTP lets come and go. Nothing else may be
 * taken away: a value that is signed as if it were another could be sent in many forms, and each would count as new.
 */
export function bareValue(value: string): string {
  let start = 0;
  let end = value.length;
  while (start < end && isBlank(value.charCodeAt(start))) start += 1;
  while (end > start && isBlank(value.charCodeAt(end - 1))) end -= 1;
  return value.slice(start, end);
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09;

/** Lower-case hex hash of the body, as `x-acs-content-sha256` carries it (also with SM3). */
export function bodyHash(scheme: Acs3Scheme, body: Uint8Array): string {
  return hash(HASH[scheme], body, 'hex');
}

/** Canonical request: method, path, query, the headers the client lists, the list as sent, the body's hash. */
export function canonicalRequest(
  method: string,
  query: readonly (readonly [string, string])[],
  headers: Headers,
  signedHeaders: readonly string[],
  bodyHashHex: string,
): string {
  const block = signedHeaders.map((name) => `${name}:${bareValue(signedHeader(headers, name) ?? '')}\n`).join('');
  return `${method}\n/\n${canonicalQuery(query)}\n${block}\n${signedHeaders.join(';')}\n${bodyHashHex}`;
}

/** The scheme word and the canonical request's hash, on two lines. Holds no colon. */
export function stringToSignAcs3(scheme: Acs3Scheme, canonical: string): string {
  return `${scheme}\n${hash(HASH[scheme], canonical, 'hex')}`;
}

/** Lower-case hex HMAC under the plain secret. */
export function signAcs3(scheme: Acs3Scheme, stringToSign: string, secret: Secret): string {
  return createHmac(HASH[scheme], secret.reveal()).update(stringToSign, 'utf8').digest('hex');
}
