import { readFileSync } from 'node:fs';
import { get as getPlain } from 'node:http';
import { get as getSecure } from 'node:https';
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

/** GETs a page of a server on this machine; undefined when nothing answers in time. */
export function localRequest(
  url: string,
  caFile: string | undefined,
): Promise<{ status: number; body: string } | undefined> {
  return new Promise((resolve) => {
    const secure = url.startsWith('https:');
    const get = secure ? getSecure : getPlain;
    const trust = secure && caFile !== undefined ? { ca: readFileSync(caFile) } : {};
    const request = get(url, { ...trust, timeout: TIMEOUT_MS }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(undefined));
  });
}
