import { type Acs3Scheme, type Headers, signedHeader } from './acs3.ts';
import type { Credential } from './credential.ts';
import { refuse, type WireFault, type WireFaultCode } from './wire-fault.ts';

const SCHEMES: readonly Acs3Scheme[] = ['ACS3-HMAC-SHA256', 'ACS3-HMAC-SM3'];
const TOKEN_HEADER = 'x-acs-security-token';

/** Headers that must be sent and signed, so that nothing that matters can be changed under way; what absence is called. */
const REQUIRED: readonly (readonly [name: string, absent: WireFaultCode])[] = [
  ['host', 'IncompleteSignature'],
  ['x-acs-content-sha256', 'IncompleteSignature'],
  ['x-acs-action', 'MissingAction'],
  ['x-acs-version', 'MissingVersion'],
  ['x-acs-date', 'IllegalTimestamp'],
  ['x-acs-signature-nonce', 'IncompleteSignature'],
];

const incomplete = (detail: string): WireFault => refuse('IncompleteSignature', { detail });

/** The fields after the scheme word, by name; undefined when one comes twice. */
function fieldsOf(text: string): ReadonlyMap<string, string> | undefined {
  const fields = new Map<string, string>();
  for (const part of text.split(',')) {
    const equals = part.indexOf('=');
    if (equals <= 0) continue;
    const name = part.slice(0, equals).trim();
    if (fields.has(name)) return undefined;
    fields.set(name, part.slice(equals + 1).trim());
  }
  return fields;
}

/**
 * What is wrong with the list of signed headers. A name listed twice is refused because every listing copies the
 * header into the canonical request, which a short list could blow up to gigabytes. The content type decides how a
 * body is read, so it must be signed where there is one.
 */
function listFault(signedHeaders: readonly string[], headers: Headers, hasBody: boolean): WireFault | undefined {
  const listed = new Set(signedHeaders);
  if (listed.size !== signedHeaders.length) return incomplete('SignedHeaders names a header twice.');
  for (const [name, absent] of REQUIRED) {
    if (!signedHeader(headers, name)?.trim()) {
      return refuse(absent, absent === 'IncompleteSignature' ? { detail: `${name} is missing.` } : {});
    }
    if (!listed.has(name)) return incomplete(`${name} must be signed.`);
  }
  for (const name of [TOKEN_HEADER, ...(hasBody ? ['content-type'] : [])]) {
    if (signedHeader(headers, name) !== undefined && !listed.has(name)) return incomplete(`${name} must be signed.`);
  }
  const unsent = signedHeaders.find((name) => signedHeader(headers, name) === undefined);
  return unsent === undefined ? undefined : incomplete(`${unsent.slice(0, 64)} is signed but not sent.`);
}

/** Reads an ACS3 `Authorization` header: its fields may come in any order, with blanks after the commas. */
export function parseAuthorization(authorization: string, headers: Headers, hasBody: boolean): Credential | WireFault {
  const blank = authorization.indexOf(' ');
  const scheme = SCHEMES.find((known) => known === authorization.slice(0, blank < 0 ? undefined : blank));
  if (scheme === undefined) {
    return refuse('InvalidSignatureMethod', { detail: 'The Authorization scheme is none of ours.' });
  }
  const fields = fieldsOf(authorization.slice(scheme.length));
  if (fields === undefined) return incomplete('Authorization has a field twice.');
  const accessKeyId = fields.get('Credential');
  const signature = fields.get('Signature');
  const signedHeaders = fields.get('SignedHeaders')?.split(';').filter(Boolean);
  if (!accessKeyId || !signature || signedHeaders === undefined) {
    return incomplete('Authorization needs Credential, SignedHeaders and Signature.');
  }
  return (
    listFault(signedHeaders, headers, hasBody) ?? {
      scheme,
      accessKeyId,
      securityToken: headers[TOKEN_HEADER],
      signature,
      timestamp: headers['x-acs-date'],
      nonce: headers['x-acs-signature-nonce'],
      signedHeaders,
    }
  );
}
