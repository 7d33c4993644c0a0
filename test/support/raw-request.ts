/** Requests written by hand, for what no client of the vendor would send. Signed by code of its own, not by the program's. */
import { createHash, createHmac, randomUUID } from 'node:crypto';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { PRODUCTS, type ProductName } from '../../src/domain/products.ts';
import type { Answer, Key } from './sdk.ts';

/** A request before it is put on the socket; tests change parts of it. */
export interface RawCall {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON; undefined when it is none. */
  readonly json: Answer;
}

/** `undefined` leaves a common parameter out. */
export type Overrides = Readonly<Record<string, string | undefined>>;

export function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

export function queryOf(parameters: Iterable<readonly [string, string]>): string {
  return [...parameters].map(([name, value]) => `${encoded(name)}=${encoded(value)}`).join('&');
}

/** `2026-03-01T08:00:00Z`, `offsetMs` from now. */
export function stamp(offsetMs = 0): string {
  return `${new Date(Date.now() + offsetMs).toISOString().slice(0, 19)}Z`;
}

/** The parameters that signature V1 covers. */
export function v1StringToSign(method: string, parameters: readonly (readonly [string, string])[]): string {
  const sorted = parameters.toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `${method}&%2F&${encoded(queryOf(sorted))}`;
}

/** A call under signature V1, everything in the query (GET) or in the form (POST). */
export function v1(
  key: Key,
  product: ProductName,
  action: string,
  parameters: Overrides = {},
  method: 'GET' | 'POST' = 'GET',
): RawCall {
  const all: Overrides = {
    Action: action,
    Version: PRODUCTS[product].version,
    Format: 'JSON',
    AccessKeyId: key.accessKeyId,
    SignatureMethod: 'HMAC-SHA1',
    SignatureVersion: '1.0',
    SignatureNonce: randomUUID(),
    Timestamp: stamp(),
    ...(key.securityToken === undefined ? {} : { SecurityToken: key.securityToken }),
    ...parameters,
  };
  const sent = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const signature = createHmac('sha1', `${key.accessKeySecret}&`).update(v1StringToSign(method, sent)).digest('base64');
  const text = queryOf([...sent, ['Signature', signature]]);
  return method === 'GET'
    ? { method, target: `/?${text}`, headers: {}, body: '' }
    : { method, target: '/', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: text };
}

export interface Acs3Options {
  /** Headers in place of the usual ones; `undefined` leaves one out. Signed. */
  readonly headers?: Overrides;
  readonly body?: string;
  readonly method?: string;
  /** Headers that are sent but not signed. */
  readonly unsigned?: readonly string[];
  readonly scheme?: string;
  /** Host and port the request goes to. */
  readonly host: string;
}

/** A call under signature ACS3-HMAC-SHA256, parameters in the query. */
export function acs3(
  key: Key,
  product: ProductName,
  action: string,
  parameters: Readonly<Record<string, string>>,
  options: Acs3Options,
): RawCall {
  const { body = '', method = 'POST', unsigned = [], scheme = 'ACS3-HMAC-SHA256', host } = options;
  const bodyHash = createHash('sha256').update(body).digest('hex');
  const wanted: Overrides = {
    host,
    'x-acs-action': action,
    'x-acs-version': PRODUCTS[product].version,
    'x-acs-date': stamp(),
    'x-acs-signature-nonce': randomUUID(),
    'x-acs-content-sha256': bodyHash,
    ...(body === '' ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
    ...(key.securityToken === undefined ? {} : { 'x-acs-security-token': key.securityToken }),
    ...options.headers,
  };
  const headers = Object.fromEntries(
    Object.entries(wanted).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const names = Object.keys(headers)
    .filter((name) => !unsigned.includes(name))
    .sort();
  const query = queryOf(Object.entries(parameters).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const block = names.map((name) => `${name}:${headers[name]}\n`).join('');
  const canonical = `${method}\n/\n${query}\n${block}\n${names.join(';')}\n${headers['x-acs-content-sha256'] ?? bodyHash}`;
  const stringToSign = `${scheme}\n${createHash('sha256').update(canonical).digest('hex')}`;
  const signature = createHmac('sha256', key.accessKeySecret).update(stringToSign).digest('hex');
  const authorization = `${scheme} Credential=${key.accessKeyId},SignedHeaders=${names.join(';')},Signature=${signature}`;
  return { method, target: query === '' ? '/' : `/?${query}`, headers: { ...headers, authorization }, body };
}

function jsonOf(text: string): Answer {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Sends a request to `host:port` over plain HTTP, on a connection of its own. */
export function send(host: string, call: RawCall): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      `http://${host}`,
      { method: call.method, path: call.target, headers: call.headers, agent: false, timeout: 30_000 },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: jsonOf(text) });
        });
        response.on('error', reject);
      },
    );
    request.on('timeout', () => request.destroy(new Error('no answer within 30 s')));
    request.on('error', reject);
    request.end(call.body);
  });
}

/** Writes bytes on a bare socket and reads until the server closes it: head and body of the answer. */
export function sendBytes(host: string, bytes: string | Uint8Array): Promise<{ head: string; json: Answer }> {
  const [address, port] = host.split(':');
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), address!);
    const chunks: Buffer[] = [];
    socket.setTimeout(30_000, () => socket.destroy(new Error('no answer within 30 s')));
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const gap = text.indexOf('\r\n\r\n');
      resolve({ head: text.slice(0, gap), json: jsonOf(text.slice(gap + 4)) });
    });
    socket.write(bytes);
  });
}
