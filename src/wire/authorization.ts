import type { Credential, Scheme } from './credential.ts';
import { refuse, type WireFault } from './wire-fault.ts';

const SCHEMES: readonly Scheme[] = ['ACS3-HMAC-SHA256', 'ACS3-HMAC-SM3'];
const TOKEN_HEADER = 'x-acs-security-token';
/** Headers that must be signed, so that nothing that matters can be changed under way. */
const MUST_BE_SIGNED = [
  'host',
  'x-acs-action',
  'x-acs-version',
  'x-acs-date',
  'x-acs-signature-nonce',
  'x-acs-content-sha256',
];

/** Reads an ACS3 `Authorization` header: its fields may come in any order, with blanks after the commas. */
export function parseAuthorization(
  authorization: string,
  headers: Readonly<Record<string, string | undefined>>,
): Credential | WireFault {
  const blank = authorization.indexOf(' ');
  const scheme = SCHEMES.find((known) => known === authorization.slice(0, blank < 0 ? undefined : blank));
  if (scheme === undefined)
    return refuse('InvalidSignatureMethod', { detail: 'the Authorization scheme is none of ours' });
  const fields = new Map<string, string>();
  for (const part of authorization.slice(blank + 1).split(',')) {
    const equals = part.indexOf('=');
    if (equals > 0) fields.set(part.slice(0, equals).trim(), part.slice(equals + 1).trim());
  }
  const accessKeyId = fields.get('Credential');
  const signature = fields.get('Signature');
  const signedHeaders = fields.get('SignedHeaders')?.split(';').filter(Boolean);
  if (!accessKeyId || !signature || signedHeaders === undefined) {
    return refuse('IncompleteSignature', { detail: 'Authorization needs Credential, SignedHeaders and Signature.' });
  }
  const needed = headers[TOKEN_HEADER] === undefined ? MUST_BE_SIGNED : [...MUST_BE_SIGNED, TOKEN_HEADER];
  const unsigned = needed.filter((name) => !signedHeaders.includes(name));
  if (unsigned.length > 0) return refuse('IncompleteSignature', { detail: `${unsigned.join(', ')} must be signed.` });
  const absent = signedHeaders.filter((name) => name !== 'host' && headers[name] === undefined);
  if (absent.length > 0)
    return refuse('IncompleteSignature', { detail: `${absent.join(', ')} is signed but not sent.` });
  return {
    scheme,
    accessKeyId,
    securityToken: headers[TOKEN_HEADER],
    signature,
    timestamp: headers['x-acs-date'],
    nonce: headers['x-acs-signature-nonce'],
    signedHeaders,
  };
}
