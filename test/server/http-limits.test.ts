import { connect, type Socket } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import { refuseConnection } from '../../src/server/http/api.ts';
import { type Listener, listen } from '../../src/server/http/listener.ts';
import { createRoutes, type Health } from '../../src/server/http/routes.ts';
import { startTestServer, type TestServer } from '../support/coffer.ts';
import { eventually } from '../support/eventually.ts';
import { sendBytes } from '../support/raw-request.ts';

let started: TestServer | undefined;
let listener: Listener | undefined;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await listener?.close(0);
  listener = undefined;
  await started?.close();
  started = undefined;
});

it('takes a body that is cut off for what it is: no defect of the server', async () => {
  started = await startTestServer();
  const { coffer, endpoints } = started.server;
  const logged = vi.spyOn(coffer.log, 'error');
  const refused = vi.spyOn(coffer.metrics, 'refused');
  const socket = connect(Number(new URL(endpoints[0]!).port), '127.0.0.1');
  socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nAction=');
  socket.once('connect', () => setImmediate(() => socket.destroy()));
  await eventually(() => expect(refused).toHaveBeenCalledWith('MalformedRequest'));
  expect(logged).not.toHaveBeenCalled();
});

it('is alive while it is too busy for calls, and says so with an error that clients try again', async () => {
  started = await startTestServer('limits: { requestsInFlight: 16 }');
  const { coffer, endpoints } = started.server;
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const ping = vi.spyOn(coffer.storage, 'ping').mockReturnValue(held);
  const waiting = Array.from({ length: 16 }, () => fetch(`${endpoints[0]}/-/ready`));
  const busy = await eventually(async () => {
    const answer = await fetch(`${endpoints[0]}/?Action=ListKeys`);
    expect(answer.status).toBe(503);
    return answer;
  });
  expect(busy.headers.get('retry-after')).toBe('1');
  // All who ask for readiness share one look at the database.
  expect(ping).toHaveBeenCalledTimes(1);
  expect(await busy.json()).toMatchObject({ Code: 'ServiceUnavailable' });
  expect((await fetch(`${endpoints[0]}/-/health`)).status).toBe(200);
  release();
  expect((await Promise.all(waiting)).every((answer) => answer.status === 200)).toBe(true);
  expect((await fetch(`${endpoints[0]}/?Action=ListKeys`)).status).toBe(400);
});

interface Client {
  readonly socket: Socket;
  /** What it was answered up to the end, or to an answer's last byte. */
  readonly answered: Promise<string>;
  readonly closed: Promise<void>;
}

/** Sends bytes and stays, whatever the server does. */
function client(port: number, text: string): Client {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  sockets.push(socket);
  socket.on('error', () => {});
  socket.write(text);
  let heard = '';
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const answered = new Promise<string>((resolve) => {
    socket.setEncoding('utf8').on('data', (part: string) => {
      heard += part;
      if (/\r\n\r\n.*[}>]\s*$/s.test(heard)) resolve(heard);
    });
    socket.once('close', () => resolve(heard));
  });
  return { socket, answered, closed };
}

it('serves others while bodies do not come, however many', async () => {
  started = await startTestServer('limits: { requestsInFlight: 16 }');
  const { endpoints } = started.server;
  const port = Number(new URL(endpoints[0]!).port);
  const slow = Array.from({ length: 64 }, () =>
    client(port, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\na'),
  );
  // Answered with 100 or with an error: each head has been read, so that all of them are under way.
  await Promise.all(slow.map(({ socket }) => new Promise((resolve) => socket.once('data', resolve))));
  for (let n = 0; n < 32; n += 1) expect((await fetch(`${endpoints[0]}/?Action=ListKeys`)).status).toBe(400);
  for (const { socket } of slow) socket.write('bc');
  for (const { answered } of slow) expect(await answered).toMatch(/ 400 Bad Request\r\n/);
});

/** A listener over the server's parts with limits of its own. */
async function limited(limits: { requestsInFlight: number; bodyBytes: number }, times = {}): Promise<number> {
  started = await startTestServer();
  const { coffer } = started.server;
  const { pipeline, clock, random, metrics, authenticate } = coffer;
  const region = coffer.config.region;
  const api = {
    pipeline,
    clock,
    random,
    metrics,
    region,
    regions: [region],
    requestBytes: coffer.config.limits.requestBytes,
    authenticate,
  };
  const health: Health = { ready: async () => undefined, status: async () => ({}), doctor: async () => [] };
  listener = await listen({
    host: '127.0.0.1',
    port: 0,
    tls: undefined,
    handle: createRoutes(api, health, metrics, limits),
    refuse: (reason) => refuseConnection(random, reason),
    times,
  });
  return listener.port;
}

it('holds no more of all bodies than it has room for, and tells the rest to come again', async () => {
  const port = await limited({ requestsInFlight: 16, bodyBytes: 256 * 1024 });
  const head = (length: number) =>
    `POST /?Format=XML HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n`;
  // 84,000 counted bytes each: three fit at most.
  const stalled = Array.from({ length: 8 }, () => client(port, head(100_001) + 'a'.repeat(100_000)));
  const refused: string[] = [];
  for (const { answered } of stalled) answered.then((text) => refused.push(text));
  await eventually(() => expect(refused.length).toBeGreaterThanOrEqual(5));
  for (const text of refused) {
    expect(text).toMatch(/^HTTP\/1\.1 503 /);
    expect(text).toMatch(/^retry-after: 1\r$/im);
    expect(text).toMatch(/^connection: close\r$/im);
    expect(text).toContain('<Code>ServiceUnavailable</Code>');
  }
  // Ordinary calls are small, and served all the same.
  const small = await sendBytes(
    `127.0.0.1:${port}`,
    head(10_000).replace('XML', 'JSON').replace('Host', 'Connection: close\r\nHost') + 'a'.repeat(10_000),
  );
  expect(small.head).toMatch(/^HTTP\/1\.1 400 /);
  for (const { socket } of stalled) socket.destroy();
  // The room is free again: as much as before fits.
  const after = await eventually(async () => {
    const answers = await Promise.all([1, 2, 3].map(() => client(port, head(100_000) + 'a'.repeat(100_000)).answered));
    for (const text of answers) expect(text).toMatch(/^HTTP\/1\.1 400 /);
    return answers;
  });
  expect(after).toHaveLength(3);
});

it('refuses a body that takes too long, and does not keep the connection of a client that stays', async () => {
  const port = await limited(
    { requestsInFlight: 16, bodyBytes: 256 * 1024 },
    { headersMs: 100, requestMs: 100, lookMs: 20, lingerMs: 50 },
  );
  const one = client(port, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\na');
  expect(await one.answered).toMatch(/^HTTP\/1\.1 408 .*"Code":"RequestTimeout"/s);
  // It never closes its side: what it writes then meets a connection that is gone.
  const gone = eventually(() => {
    one.socket.write('a');
    expect(one.socket.destroyed).toBe(true);
  });
  await Promise.all([gone, one.closed]);
});

it('does not take in a body chunk by chunk of a byte', async () => {
  started = await startTestServer();
  const chunks = '1\r\na\r\n'.repeat(1_500);
  const { head, json } = await sendBytes(
    started.http,
    `POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`,
  );
  expect(head).toMatch(/^connection: close\r?$/im);
  expect(json).toMatchObject({ Code: 'MalformedRequest', Message: expect.stringContaining('pieces') });
});
