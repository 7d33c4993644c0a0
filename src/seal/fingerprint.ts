import { createHmac, hkdfSync } from 'node:crypto';
import type { Secret } from '../core/secret.ts';

/** Digests texts under a key derived from the root key: base64url of HMAC-SHA256. The same in every run and on every node. */
export function createFingerprint(root: Secret): (text: string) => string {
  const key = new Uint8Array(hkdfSync('sha256', root.reveal(), new Uint8Array(0), 'coffer fingerprint 1', 32));
  return (text) => createHmac('sha256', key).update(text, 'utf8').digest('base64url');
}
