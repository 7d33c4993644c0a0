import { parseAuthorization } from './authorization.ts';
import { bodyKind, bodyPairs } from './body.ts';
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

type Pair = readonly [string, string];

const SHOWN_NAME_CHARACTERS = 64;

/** A request as read. Nothing in it is verified yet. */
export interface DecodedRequest {
  readonly refused: false;
  readonly action: string;
  readonly version: string;
  readonly format: Format;
  /** Query and form merged, without Signature. */
  readonly parameters: Params;
  /** Name and value pairs of the query alone, which is what ACS3 signs. */
  readonly query: readonly Pair[];
  readonly credential: Credential;
}

/** Enough of a body to find the format in; common parameters stand first or last in short bodies. */
const FORMAT_SEARCH_BYTES = 65_536;

/** The `Format` of a request that could not be decoded, found in its text. */
function namedFormat(raw: RawRequest): string | undefined {
  const inQuery = /[?&]Format=(\w+)/.exec(raw.target)?.[1];
  if (inQuery !== undefined || bodyKind(raw.method, raw.headers['content-type'], false) !== 'form') return inQuery;
  const head = Buffer.from(raw.body.buffer, raw.body.byteOffset, Math.min(raw.body.length, FORMAT_SEARCH_BYTES));
  return /(?:^|&)Format=(\w+)/.exec(head.toString('latin1'))?.[1];
}

/**
 * The answer's format: `named` (the Format parameter, any case), else what Accept names first, else JSON. Without
 * `named` the undecoded request is searched for it, so that a refusal comes in the caller's format too.
 */
export function formatOf(raw: RawRequest, named: string | undefined = namedFormat(raw)): Format {
  const wanted = named?.toUpperCase();
  if (wanted === 'XML' || wanted === 'JSON') return wanted;
  const accepted = /application\/json|\*\/\*|(?:application|text)\/xml/.exec(raw.headers.accept ?? '')?.[0];
  return accepted?.endsWith('xml') === true ? 'XML' : 'JSON';
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
  if (authorization !== undefined && isAcs(authorization)) {
    return parseAuthorization(authorization, raw.headers, raw.body.length > 0);
  }
  if (parameters.get('SignatureType') === 'BEARERTOKEN' || raw.headers['x-acs-bearer-token'] !== undefined) {
    return refuse('InvalidSignatureMethod', { detail: 'Bearer tokens are not supported.' });
  }
  if (signature !== undefined && signature !== '') return v1Credential(parameters, signature);
  if (authorization !== undefined) {
    return refuse('InvalidSignatureMethod', { detail: 'The Authorization scheme is none of ours.' });
  }
  if (!parameters.get('AccessKeyId')) return refuse('MissingAccessKeyId');
  return refuse('IncompleteSignature', { detail: 'Signature is missing.' });
}

/** Whether the Authorization header, not the parameters, says how the request is signed. */
function isAcs(authorization: string): boolean {
  return /^ACS\d-/.test(authorization);
}

function merge(query: readonly Pair[], body: readonly Pair[]): Map<string, string> | WireFault {
  if (query.length + body.length > MAX_PARAMETERS) {
    return refuse('MalformedRequest', { detail: `more than ${MAX_PARAMETERS} parameters.` });
  }
  const merged = new Map<string, string>();
  for (const pairs of [query, body]) {
    for (const [name, value] of pairs) {
      const earlier = merged.get(name);
      if (earlier !== undefined && earlier !== value) {
        return refuse('DuplicateParameter', { name: name.slice(0, SHOWN_NAME_CHARACTERS) });
      }
      merged.set(name, value);
    }
  }
  return merged;
}

/** The path without the query; an absolute target (as proxies receive them) counts by its path. */
function pathOf(target: string): string {
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  return path.startsWith('/') ? path : path.replace(/^https?:\/\/[^/]*/i, '');
}

/**
 * Reads a request: path, method, parameters from query and form, operation, format and signature. Nothing is verified
 * yet. Never throws for bad input.
 */
export function decodeRequest(raw: RawRequest): DecodedRequest | WireFault {
  const path = pathOf(raw.target);
  if (path !== '/' && path !== '') return refuse('InvalidPath');
  if (raw.method !== 'GET' && raw.method !== 'POST') return refuse('UnsupportedHTTPMethod');
  const { authorization, 'content-type': contentType } = raw.headers;
  const mark = raw.target.indexOf('?');
  let query: readonly Pair[];
  let body: readonly Pair[];
  try {
    query = mark < 0 ? [] : parseForm(raw.target.slice(mark + 1), MAX_PARAMETERS);
    body = bodyPairs(bodyKind(raw.method, contentType, authorization !== undefined && isAcs(authorization)), raw.body);
  } catch (error) {
    if (!(error instanceof MalformedForm)) throw error;
    return refuse('MalformedRequest', { detail: error.message });
  }
  const merged = merge(query, body);
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
    format: formatOf(raw, parameters.get('Format') ?? ''),
    parameters,
    query,
    credential,
  };
}
