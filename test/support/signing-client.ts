/**
 * A client that signs and sends requests from the specification alone: it shares no code with `src/wire`, so that a
 * mistake there cannot cancel itself out here. Every way of corrupting a request is an option.
 */
import { createHash, createHmac, randomUUID } from 'node:crypto';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';

export interface Identity {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly securityToken?: string;
}

export type SigningScheme = 'V1' | 'ACS3-HMAC-SHA256' | 'ACS3-HMAC-SM3';

export interface SigningOptions {
  /** Default `V1`. */
  readonly scheme?: SigningScheme;
  /** Default `POST`. */
  readonly method?: 'GET' | 'POST';
  /** Where the operation's parameters go; `split` alternates. Default `query`. */
  readonly place?: 'query' | 'form' | 'split';
  /** Where V1's common parameters go. Default `query`. */
  readonly common?: 'query' | 'form';
  /** How values look on the wire: canonical, with `+` for spaces (Go), or with `!'()*` left raw (tea). */
  readonly encoding?: 'canonical' | 'go' | 'tea';
  /** `Format` parameter; V1's default is JSON, ACS3 sends none. */
  readonly format?: string;
  /** Default now. Text is sent as it is. */
  readonly date?: Date | string;
  /** Default a new one per request; '' sends it empty. */
  readonly nonce?: string;
  /** Signs with another secret than the identity's. */
  readonly secret?: string;
  /** Common parameters or headers left out altogether. */
  readonly without?: readonly string[];
  /** Headers sent but not listed as signed (ACS3). */
  readonly unsigned?: readonly string[];
  /** Further common parameters (V1), signed. */
  readonly extra?: Readonly<Record<string, string>>;
  /** Further headers; with ACS3 those beginning `x-acs-` are signed. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Body sent instead of a form, with its content type (ACS3). */
  readonly body?: { readonly type: string; readonly text: string };
  /** Last change before sending, after signing. */
  readonly tamper?: (request: SignedRequest) => SignedRequest;
}

export interface SignedRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface SignedReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The body parsed, when it is JSON. */
  readonly json: Record<string, unknown> | undefined;
}

type Values = Readonly<Record<string, string>>;

function canonical(text: string): string {
  let encoded = '';
  for (const byte of Buffer.from(text, 'utf8')) {
    const character = String.fromCharCode(byte);
    encoded += /[A-Za-z0-9\-_.~]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

function onTheWire(text: string, encoding: SigningOptions['encoding']): string {
  if (encoding === 'go') return canonical(text).replaceAll('%20', '+');
  return encoding === 'tea' ? encodeURIComponent(text) : canonical(text);
}

function form(values: Values, encoding: SigningOptions['encoding']): string {
  return Object.entries(values)
    .map(([name, value]) => `${onTheWire(name, encoding)}=${onTheWire(value, encoding)}`)
    .join('&');
}

function sortedQuery(values: Values): string {
  const names = Object.keys(values).sort();
  return names.map((name) => `${canonical(name)}=${canonical(values[name]!)}`).join('&');
}

const without = (values: Values, names: readonly string[] = []): Record<string, string> =>
  Object.fromEntries(Object.entries(values).filter(([name]) => !names.includes(name)));

const dateText = (date: Date | string | undefined): string =>
  typeof date === 'string' ? date : `${(date ?? new Date()).toISOString().slice(0, 19)}Z`;

function place(values: Values, where: SigningOptions['place']): { query: Values; body: Values } {
  if (where === 'form') return { query: {}, body: values };
  if (where !== 'split') return { query: values, body: {} };
  const entries = Object.entries(values);
  return {
    query: Object.fromEntries(entries.filter((_, at) => at % 2 === 0)),
    body: Object.fromEntries(entries.filter((_, at) => at % 2 === 1)),
  };
}

const FORM_TYPE = 'application/x-www-form-urlencoded';

function signV1(who: Identity, host: string, version: string, action: string, values: Values, how: SigningOptions) {
  const method = how.method ?? 'POST';
  const common = without(
    {
      Action: action,
      Version: version,
      Format: how.format ?? 'JSON',
      AccessKeyId: who.accessKeyId,
      ...(who.securityToken === undefined ? {} : { SecurityToken: who.securityToken }),
      SignatureMethod: 'HMAC-SHA1',
      SignatureVersion: '1.0',
      SignatureNonce: how.nonce ?? randomUUID(),
      Timestamp: dateText(how.date),
      ...how.extra,
    },
    how.without,
  );
  const text = `${method}&%2F&${canonical(sortedQuery({ ...common, ...values }))}`;
  const Signature = createHmac('sha1', `${how.secret ?? who.accessKeySecret}&`)
    .update(text)
    .digest('base64');
  const parts = place(values, how.place);
  const signed = { ...common, Signature };
  const inForm = how.common === 'form';
  const query = form(inForm ? parts.query : { ...signed, ...parts.query }, how.encoding);
  const body = Buffer.from(form(inForm ? { ...signed, ...parts.body } : parts.body, how.encoding));
  return {
    method,
    target: query === '' ? '/' : `/?${query}`,
    headers: { host, ...(body.length > 0 ? { 'content-type': FORM_TYPE } : {}), ...how.headers },
    body,
  };
}

function signAcs3(who: Identity, host: string, version: string, action: string, values: Values, how: SigningOptions) {
  const scheme = how.scheme as Exclude<SigningScheme, 'V1'>;
  const algorithm = scheme === 'ACS3-HMAC-SM3' ? 'sm3' : 'sha256';
  const digest = (data: string | Uint8Array): string => createHash(algorithm).update(data).digest('hex');
  const method = how.method ?? 'POST';
  const parts = place(values, how.place);
  const query = how.format === undefined ? parts.query : { ...parts.query, Format: how.format };
  const body = Buffer.from(how.body?.text ?? form(parts.body, how.encoding));
  const headers = without(
    {
      host,
      accept: 'application/json',
      'x-acs-action': action,
      'x-acs-version': version,
      'x-acs-date': dateText(how.date),
      'x-acs-signature-nonce': how.nonce ?? randomUUID(),
      'x-acs-content-sha256': digest(body),
      ...(who.securityToken === undefined
        ? {}
        : { 'x-acs-accesskey-id': who.accessKeyId, 'x-acs-security-token': who.securityToken }),
      ...(body.length > 0 ? { 'content-type': how.body?.type ?? FORM_TYPE } : {}),
      ...how.headers,
    },
    how.without,
  );
  const signed = Object.keys(headers)
    .filter((name) => name === 'host' || name === 'content-type' || name.startsWith('x-acs-'))
    .filter((name) => how.unsigned?.includes(name) !== true)
    .sort();
  const block = signed.map((name) => `${name}:${headers[name]!.trim()}\n`).join('');
  const request = `${method}\n/\n${sortedQuery(query)}\n${block}\n${signed.join(';')}\n${digest(body)}`;
  const signature = createHmac(algorithm, how.secret ?? who.accessKeySecret)
    .update(`${scheme}\n${digest(request)}`)
    .digest('hex');
  const authorization = `${scheme} Credential=${who.accessKeyId},SignedHeaders=${signed.join(';')},Signature=${signature}`;
  const target = Object.keys(query).length === 0 ? '/' : `/?${form(query, how.encoding)}`;
  return { method, target, headers: { ...headers, authorization }, body };
}

/** The request as it would go on the wire; nothing is sent. */
export function signRequest(
  who: Identity,
  host: string,
  version: string,
  action: string,
  values: Values = {},
  how: SigningOptions = {},
): SignedRequest {
  const sign = (how.scheme ?? 'V1') === 'V1' ? signV1 : signAcs3;
  const request: SignedRequest = sign(who, host, version, action, values, how);
  return how.tamper === undefined ? request : how.tamper(request);
}

const DEADLINE_MS = 30_000;

/** Sends a request as it is to `endpoint` (`http://host:port` or `https://host:port`). */
export function sendRequest(endpoint: string, signed: SignedRequest, ca?: string): Promise<SignedReply> {
  const url = new URL(endpoint);
  const options = {
    host: url.hostname,
    port: url.port,
    method: signed.method,
    path: signed.target,
    headers: { ...signed.headers, 'content-length': String(signed.body.length) },
    timeout: DEADLINE_MS,
    agent: false as const,
    ...(ca === undefined ? {} : { ca }),
  };
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const request = send(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const body = Buffer.concat(chunks).toString('utf8');
        const isJson = response.headers['content-type']?.startsWith('application/json') === true;
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body,
          json: isJson ? (JSON.parse(body) as Record<string, unknown>) : undefined,
        });
      });
    });
    request.on('timeout', () => request.destroy(new Error(`no answer within ${DEADLINE_MS} ms`)));
    request.on('error', reject);
    request.end(signed.body);
  });
}

export interface SigningClient {
  call(version: string, action: string, values?: Values, how?: SigningOptions): Promise<SignedReply>;
}

/** A client of one endpoint and identity. `ca` is PEM text for https. */
export function signingClient(endpoint: string, who: Identity, ca?: string): SigningClient {
  const { host } = new URL(endpoint);
  return {
    call: (version, action, values, how) =>
      sendRequest(endpoint, signRequest(who, host, version, action, values, how), ca),
  };
}
