/** Who may read the pages that are for the operator on this machine alone. */
import { get } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localRequest } from '../../src/cli/local-request.ts';
import { startTestServer, type TestServer } from '../support/coffer.ts';
import { sendBytes } from '../support/raw-request.ts';

const PAGES = ['/-/status', '/-/doctor', '/-/metrics'];

let started: TestServer;
beforeAll(async () => {
  started = await startTestServer('metrics: { port: 0 }');
});
afterAll(() => started.close());

function asked(
  path: string,
  host: string,
  endpoint = started.server.endpoints[0]!,
): Promise<{ status: number; text: string }> {
  const { hostname, port } = new URL(endpoint);
  return new Promise((resolve, reject) => {
    get({ hostname, port, path, headers: { host }, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    }).on('error', reject);
  });
}

describe.each(PAGES)('%s', (path) => {
  it.each(['localhost', 'LOCALHOST:9080', '127.0.0.1', '127.0.0.1:1', '127.1.2.3:80', '[::1]', '[::1]:9080'])(
    'answers who calls this machine %s',
    async (host) => expect((await asked(path, host)).status).toBe(200),
  );

  it.each(['evil.example', 'evil.example:9080', 'localhost.evil.example', '127.0.0.1.evil.example', '10.0.0.1'])(
    'is not found for a page of %j whose name was made to point here',
    async (host) => {
      const { status, text } = await asked(path, host);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(JSON.parse(text)).toMatchObject({ Code: expect.any(String), RequestId: expect.any(String) });
      expect(text).not.toContain(started.account);
    },
  );

  it.each(['', 'Host:\r\n'])('is not found for who says no name at all: %j', async (line) => {
    const { head } = await sendBytes(started.http, `GET ${path} HTTP/1.1\r\n${line}Connection: close\r\n\r\n`);
    expect(head).toMatch(/^HTTP\/1\.1 4/);
  });
});

describe('the listener for metrics alone', () => {
  const scraped = (host: string) => asked('/metrics', host, started.server.metricsEndpoint);

  it.each(['localhost:9464', '127.0.0.1', '[::1]'])('answers who calls this machine %s', async (host) => {
    const { status, text } = await scraped(host);
    expect(status).toBe(200);
    expect(text).toMatch(/^coffer_clock_offset_seconds 0$/m);
  });

  it.each(['evil.example', '10.0.0.1'])('refuses a page of %j', async (host) => {
    const { status, text } = await scraped(host);
    expect(status).toBe(403);
    expect(JSON.parse(text)).toMatchObject({ Code: 'NotThisMachine', RequestId: expect.any(String) });
    expect(text).not.toContain('coffer_');
  });
});

it('lets load balancers call it as they like', async () => {
  expect((await asked('/-/health', 'kms.example')).status).toBe(200);
  expect((await asked('/-/ready', 'kms.example')).status).toBe(200);
});

it('is asked by the commands under its own name, whatever the endpoint is called', async () => {
  const heads: string[] = [];
  const listener = createServer((socket: Socket) => {
    socket.once('data', (bytes) => {
      heads.push(bytes.toString());
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    });
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as { port: number };
  await localRequest(`http://127.0.0.1:${port}/-/status`, undefined);
  listener.close();
  expect(heads[0]).toMatch(/^host: localhost\r$/im);
});
