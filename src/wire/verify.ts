import { timingSafeEqual } from 'node:crypto';
import type { Secret } from '../core/secret.ts';
import { bodyHash, canonicalRequest, signAcs3, stringToSignAcs3 } from './acs3.ts';
import type { DecodedRequest, RawRequest } from './request.ts';
import { signV1, stringToSignV1 } from './v1.ts';

/** Whether a signature fits; when not, the string we would have signed, for the sender to compare. */
export type Verification = { readonly ok: true } | { readonly ok: false; readonly stringToSign: string };

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8')];
  return left.length === right.length && timingSafeEqual(left, right);
}

/**
 * Verifies a request's signature with the secret of the key it names. The body's hash is computed, never taken from
 * the header; when the two differ nothing can fit.
 */
export function verifySignature(decoded: DecodedRequest, raw: RawRequest, secret: Secret): Verification {
  const { credential } = decoded;
  if (credential.scheme === 'V1') {
    const stringToSign = stringToSignV1(raw.method, decoded.parameters.entries());
    return same(signV1(stringToSign, secret), credential.signature) ? { ok: true } : { ok: false, stringToSign };
  }
  const hash = bodyHash(credential.scheme, raw.body);
  const canonical = canonicalRequest(raw.method, decoded.query, raw.headers, credential.signedHeaders, hash);
  const stringToSign = stringToSignAcs3(credential.scheme, canonical);
  const fits = same(signAcs3(credential.scheme, stringToSign, secret), credential.signature);
  return fits && same(raw.headers['x-acs-content-sha256'] ?? '', hash) ? { ok: true } : { ok: false, stringToSign };
}
