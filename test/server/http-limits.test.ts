import { connect } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import { startTestServer, type TestServer } from '../support/coffer.ts';

let started: TestServer | undefined;
afterEach(async () => {
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
  await vi.waitFor(() => expect(refused).toHaveBeenCalledWith('MalformedRequest'));
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
  const busy = await vi.waitFor(async () => {
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
