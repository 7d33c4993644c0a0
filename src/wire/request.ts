import { parseAuthorization } from './authorization.ts';
import type { Credential } from './credential.ts';
import { MAX_PARAMETERS, Params } from './params.ts';
import { MalformedForm, parseForm } from './percent.ts';
import { refuse, type WireFault } from './wire-fault.ts';

/** A request as it came from the socket. */
export interface RawRequest {
  readonly method: string;
  /** Path and query as received. */
  readonly target: string;
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

export type Format = 'JSON' | 'XML';
export interface DecodedRequest {
  readonly refused: false;
  readonly action: string;
  readonly version: string;
  readonly format: Format;
  /** Query and form merged, without Signature. */
  readonly parameters: Params;
  /** Name and value pairs of the query alone, which is what ACS3 signs. */
  readonly query: readonly (readonly [string, string])[];
  readonly credential: Credential;
}

/** What can be said of the answer's format before the request is decoded. */
export function formatOf(raw: RawRequest, named?: string): Format {
  const wanted = named?.toUpperCase();
  if (wanted === 'XML' || wanted === 'JSON') return wanted;
  const accept = raw.headers.accept ?? '';
  return /\b(?:application|text)\/xml\b/.test(accept) && !/json/.test(accept) ? 'XML' : 'JSON';
}

function isForm(raw: RawRequest): boolean {
  const type = raw.headers['content-type'];
  return type === undefined
    ? raw.method === 'POST'
    : type.toLowerCase().startsWith('application/x-www-form-urlencoded');
}

/** Members of a JSON object body, which some ACS3 clients send instead of a form (our choice: taken like a form). */
function jsonMembers(body: Uint8Array): [string, string][] | undefined {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined;
    return Object.entries(parsed)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]);
  } catch {
    return undefined;
  }
}

function bodyPairs(raw: RawRequest): [string, string][] | WireFault {
  if (raw.body.length === 0) return [];
  if (isForm(raw))
    return parseForm(Buffer.from(raw.body.buffer, raw.body.byteOffset, raw.body.length).toString('utf8'));
  if (raw.headers['content-type']?.toLowerCase().startsWith('application/json') === true) {
    return jsonMembers(raw.body) ?? refuse('MalformedRequest', { detail: 'the body is not a JSON object.' });
  }
  return [];
}

function v1Credential(parameters: Params, signature: string): Credential | WireFault {
  const method = parameters.get('SignatureMethod')?.toUpperCase();
  const type = parameters.get('SignatureType') ?? '';
  if ((method !== undefined && method !== 'HMAC-SHA1') || type !== '') {
    return refuse('InvalidSignatureMethod', { detail: `SignatureMethod ${method ?? ''} ${type}`.trim() });
  }
  const version = parameters.get('SignatureVersion');
  if (version !== undefined && version !== '1.0')
    return refuse('InvalidSignatureMethod', { detail: 'SignatureVersion is not 1.0' });
  const accessKeyId = parameters.get('AccessKeyId');
  if (accessKeyId === undefined || accessKeyId === '') return refuse('MissingAccessKeyId');
  return {
    scheme: 'V1',
    accessKeyId,
    securityToken: parameters.get('SecurityToken'),
    signature,
    timestamp: parameters.get('Timestamp'),
    nonce: parameters.get('SignatureNonce'),
    signedHeaders: [],
  };
}

function credentialOf(raw: RawRequest, parameters: Params, signature: string | undefined): Credential | WireFault {
  const { authorization } = raw.headers;
  if (authorization !== undefined && /^ACS\d-/.test(authorization))
    return parseAuthorization(authorization, raw.headers);
  if (parameters.get('SignatureType') === 'BEARERTOKEN')
    return refuse('InvalidSignatureMethod', { detail: 'bearer tokens are not supported' });
  if (signature !== undefined && signature !== '') return v1Credential(parameters, signature);
  if (parameters.get('AccessKeyId') === undefined) return refuse('MissingAccessKeyId');
  return refuse('IncompleteSignature', { detail: 'Signature is missing.' });
}

function merge(pairs: readonly (readonly [string, string])[]): Map<string, string> | WireFault {
  if (pairs.length > MAX_PARAMETERS)
    return refuse('MalformedRequest', { detail: `more than ${MAX_PARAMETERS} parameters.` });
  const merged = new Map<string, string>();
  for (const [name, value] of pairs) {
    const earlier = merged.get(name);
    if (earlier !== undefined && earlier !== value) return refuse('DuplicateParameter', { name });
    merged.set(name, value);
  }
  return merged;
}

/**
 * Reads a request: path, method, parameters from query and form, operation, format and signature. Nothing is verified
 * yet. Never throws for bad input.
 */
export function decodeRequest(raw: RawRequest): DecodedRequest | WireFault {
  const mark = raw.target.indexOf('?');
  const path = mark < 0 ? raw.target : raw.target.slice(0, mark);
  if (path !== '/' && path !== '') return refuse('InvalidPath');
  if (raw.method !== 'GET' && raw.method !== 'POST') return refuse('UnsupportedHTTPMethod');
  let query: [string, string][];
  let body: [string, string][] | WireFault;
  try {
    query = mark < 0 ? [] : parseForm(raw.target.slice(mark + 1));
    body = bodyPairs(raw);
  } catch (error) {
    if (!(error instanceof MalformedForm)) throw error;
    return refuse('MalformedRequest', { detail: 'the percent-encoding is broken.' });
  }
  if (!Array.isArray(body)) return body;
  const merged = merge([...query, ...body]);
  if (!(merged instanceof Map)) return merged;
  const signature = merged.get('Signature');
  merged.delete('Signature');
  const parameters = new Params(merged);
  const credential = credentialOf(raw, parameters, signature);
  if ('refused' in credential) return credential;
  const v1 = credential.scheme === 'V1';
  const action = v1 ? parameters.get('Action') : raw.headers['x-acs-action'];
  const version = v1 ? parameters.get('Version') : raw.headers['x-acs-version'];
  if (action === undefined || action === '') return refuse('MissingAction');
  if (version === undefined || version === '') return refuse('MissingVersion');
  return {
    refused: false,
    action,
    version,
    format: formatOf(raw, parameters.get('Format')),
    parameters,
    query,
    credential,
  };
}
