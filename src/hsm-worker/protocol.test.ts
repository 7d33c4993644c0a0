import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeFields, encodeFrame, FrameReader, MAX_FRAME } from './protocol.ts';

const call = fc.record({
  id: fc.integer({ min: 0, max: 0xffffffff }),
  code: fc.integer({ min: 0, max: 255 }),
  fields: fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 5 }),
});

describe('frames', () => {
  test('come out as they went in, however the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(call, { maxLength: 6 }), fc.array(fc.integer({ min: 1, max: 30 })), (calls, cuts) => {
        const stream = Buffer.concat(calls.map(({ id, code, fields }) => encodeFrame(id, code, fields)));
        const seen: unknown[] = [];
        const reader = new FrameReader();
        let at = 0;
        for (let turn = 0; at < stream.length; turn += 1) {
          const step = cuts.length === 0 ? stream.length : cuts[turn % cuts.length]!;
          reader.push(stream.subarray(at, at + step), (id, code, body) => {
            seen.push({ id, code, fields: decodeFields(body, 5).map((field) => [...field]) });
          });
          at += step;
        }
        expect(seen).toEqual(calls.map(({ id, code, fields }) => ({ id, code, fields: fields.map((f) => [...f]) })));
      }),
    );
  });

  test('garbage either is refused or waits for more, and never asks for more than a frame', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), (bytes) => {
        try {
          new FrameReader().push(Buffer.from(bytes), (_id, _code, body) => {
            expect(body.length).toBeLessThanOrEqual(MAX_FRAME);
            decodeFields(body, 5);
          });
        } catch (error) {
          expect((error as Error).message).toMatch(/^malformed frame/);
        }
      }),
    );
  });

  test.each([0, 4, MAX_FRAME + 1, 0xffffffff])('a length of %i is refused', (length) => {
    const head = Buffer.alloc(9);
    head.writeUInt32BE(length, 0);
    expect(() => new FrameReader().push(head, () => {})).toThrow('malformed frame: length');
  });

  test('an impossible length is noticed in a head that came in pieces', () => {
    const reader = new FrameReader();
    for (const byte of [0xff, 0xff, 0xff]) reader.push(Buffer.of(byte), () => {});
    expect(() => reader.push(Buffer.of(0xff, 0, 0, 0, 0, 0), () => {})).toThrow('malformed frame: length');
  });

  test('fields that do not add up are refused', () => {
    expect(() => decodeFields(Buffer.from([0, 0, 0]), 0)).toThrow('field head');
    expect(() => decodeFields(Buffer.from([0, 0, 0, 2, 1]), 0)).toThrow('field length');
  });
});
