import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { BodyCutOff, BodyScattered, BodyTooLarge, readBody } from './body.ts';
import { createLoad, NoRoom } from './load.ts';

const LIMIT = 100_000;

function load(bodyBytes = 1_000_000) {
  return createLoad({ requestsInFlight: 2, bodyBytes });
}

function incoming(length?: number): PassThrough & IncomingMessage {
  const headers = length === undefined ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(length) };
  return Object.assign(new PassThrough({ highWaterMark: 10 * LIMIT }), { headers }) as unknown as PassThrough &
    IncomingMessage;
}

it('gives the bytes as they came, in however many pieces', async () => {
  for (const pieces of [1, 2, 7, 1_000]) {
    for (const length of [undefined, 10_000]) {
      const whole = Buffer.from(Array.from({ length: 10_000 }, (_, n) => n % 251));
      const request = incoming(length);
      const read = readBody(request, LIMIT, load().body());
      const size = Math.ceil(whole.length / pieces);
      for (let at = 0; at < whole.length; at += size) request.write(whole.subarray(at, at + size));
      request.end();
      expect(Buffer.from(await read).equals(whole)).toBe(true);
    }
  }
});

it('ends at the limit, whether the length was told or not', async () => {
  await expect(readBody(incoming(LIMIT + 1), LIMIT, load().body())).rejects.toBeInstanceOf(BodyTooLarge);
  const request = incoming();
  const read = readBody(request, LIMIT, load().body());
  request.write(Buffer.alloc(LIMIT));
  request.write('a');
  await expect(read).rejects.toBeInstanceOf(BodyTooLarge);
});

it('refuses a body of very many very small pieces', async () => {
  const request = incoming();
  const read = readBody(request, LIMIT, load().body());
  for (let n = 0; n < 1_100; n += 1) request.write('a');
  await expect(read).rejects.toBeInstanceOf(BodyScattered);
});

it('knows a body that is cut off', async () => {
  const request = incoming(10);
  const read = readBody(request, LIMIT, load().body());
  request.emit('aborted');
  await expect(read).rejects.toBeInstanceOf(BodyCutOff);
});

it('keeps all bodies together within the room, and has it back once they are released', async () => {
  const { body } = load(100_000);
  const first = body();
  const one = incoming(90_000);
  const held = readBody(one, LIMIT, first);
  one.end(Buffer.alloc(90_000));
  await held;
  const second = body();
  const two = incoming(90_000);
  const read = readBody(two, LIMIT, second);
  two.write(Buffer.alloc(90_000));
  await expect(read).rejects.toMatchObject({ of: 'memory' });
  second.release();
  first.release();
  first.release();
  const third = body();
  third.grow(116_384);
  expect(() => body().grow(16_385)).toThrow(NoRoom);
  body().grow(16_384);
});

it('counts requests served at once, each given back once', () => {
  const { enter } = load();
  const first = enter();
  enter();
  expect(() => enter()).toThrow(NoRoom);
  first.release();
  first.release();
  enter();
  expect(() => enter()).toThrow(NoRoom);
});
