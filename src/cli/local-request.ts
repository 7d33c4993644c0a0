import { readFileSync } from 'node:fs';
import { type ClientRequest, get as getPlain, type IncomingMessage } from 'node:http';
import { get as getSecure, type RequestOptions } from 'node:https';
import { isLoopback } from '../server/loopback.ts';

const TIMEOUT_MS = 5_000;

/** Addresses that stand for every address of the machine, and how it is reached from itself. */
const EVERY: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '[::]': '[::1]' };

/**
 * The endpoint through which a server is asked from its own machine: one on loopback, since the operator's pages answer
 * nobody else and the certificate is good for it; the first when there is none.
 */
export function localEndpoint(endpoints: readonly string[]): string | undefined {
  const reached = endpoints.map((endpoint) => {
    const { protocol, hostname, port } = new URL(endpoint);
    return `${protocol}//${EVERY[hostname] ?? hostname}:${port}`;
  });
  return reached.find((endpoint) => isLoopback(new URL(endpoint).hostname.replace(/^\[|\]$/g, ''))) ?? reached[0];
}

/**
 * Who answers: any certificate by this deployment's own CA will do, whatever address it was reached by. With a
 * certificate of the operator's there is nothing to check it by here; nothing secret is sent.
 */
function trust(caFile: string | undefined): RequestOptions {
  return caFile === undefined
    ? { rejectUnauthorized: false }
    : { ca: readFileSync(caFile), checkServerIdentity: () => undefined };
}

/** The operator's pages are for who names this machine; an endpoint may carry a name of the operator's. */
const headers = { host: 'localhost' };

/** GETs a page of a server on this machine; undefined when no whole answer comes in time. */
export function localRequest(
  url: string,
  caFile: string | undefined,
  timeoutMs = TIMEOUT_MS,
): Promise<{ status: number; body: string } | undefined> {
  return new Promise((resolve) => {
    const failed = () => resolve(undefined);
    const answered = (response: IncomingMessage) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
      response.on('error', failed);
    };
    const signal = AbortSignal.timeout(timeoutMs);
    let request: ClientRequest;
    try {
      request = url.startsWith('https:')
        ? getSecure(url, { ...trust(caFile), headers, signal }, answered)
        : getPlain(url, { headers, signal }, answered);
    } catch {
      failed();
      return;
    }
    request.on('error', failed);
  });
}
