import { readFileSync } from 'node:fs';
import { get as getPlain } from 'node:http';
import { get as getSecure } from 'node:https';

const TIMEOUT_MS = 5_000;

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
