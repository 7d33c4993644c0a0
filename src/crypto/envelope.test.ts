import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  contextData,
  type EncryptionContext,
  formatEnvelope,
  MAX_BLOB_CHARS,
  MAX_PLAINTEXT_BYTES,
  parseEnvelope,
} from './envelope.ts';

const envelopes = fc.record({
  versionId: fc.uuid(),
  iv: fc.uint8Array({ minLength: 12, maxLength: 12 }),
  body: fc.uint8Array({ minLength: 16, maxLength: 300 }),
});

const plain = (bytes: Uint8Array) => [...bytes];

describe('the ciphertext layout', () => {
  it('comes back as it was written', () => {
    fc.assert(
      fc.property(envelopes, (envelope) => {
        const parsed = parseEnvelope(formatEnvelope(envelope))!;
        expect(parsed.versionId).toBe(envelope.versionId);
        expect(plain(parsed.iv)).toEqual(plain(envelope.iv));
        expect(plain(parsed.body)).toEqual(plain(envelope.body));
      }),
    );
  });

  it("has the vendor's visible head and the documented length", () => {
    const versionId = '01234567-89ab-cdef-0123-456789abcdef';
    const blob = formatEnvelope({ versionId, iv: new Uint8Array(12), body: new Uint8Array(44 + 16) });
    const bytes = Buffer.from(blob, 'base64');
    expect(bytes.length).toBe(108);
    expect(Buffer.from(blob.slice(0, 48), 'base64').toString('latin1')).toBe(versionId);
  });

  it('holds the longest text there may be', () => {
    const body = new Uint8Array(MAX_PLAINTEXT_BYTES + 16);
    const blob = formatEnvelope({ versionId: '01234567-89ab-cdef-0123-456789abcdef', iv: new Uint8Array(12), body });
    expect(blob.length).toBeLessThanOrEqual(MAX_BLOB_CHARS);
    expect(parseEnvelope(blob)?.body.length).toBe(body.length);
  });

  it('never throws, and what it takes it would write alike', () => {
    const texts = fc.oneof(
      fc.string(),
      fc.base64String(),
      fc.tuple(envelopes, fc.nat(), fc.string({ maxLength: 2 })).map(([envelope, at, put]) => {
        const blob = formatEnvelope(envelope);
        return blob.slice(0, at % blob.length) + put + blob.slice((at % blob.length) + put.length);
      }),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const parsed = parseEnvelope(text);
        if (parsed !== undefined) expect(formatEnvelope(parsed)).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });

  const good = formatEnvelope({
    versionId: '01234567-89ab-cdef-0123-456789abcdef',
    iv: new Uint8Array(12),
    body: new Uint8Array(17),
  });
  const head = Buffer.from(good, 'base64');
  it.each([
    ['nothing', ''],
    ['no tag', head.subarray(0, 63).toString('base64')],
    ['a version id in capitals', Buffer.from(head.toString('latin1').toUpperCase(), 'latin1').toString('base64')],
    ['a blank inside', `${good.slice(0, 8)} ${good.slice(8)}`],
    ['a line break at the end', `${good}\n`],
    ['the alphabet for URLs', head.fill(0xff, 48).toString('base64url')],
    ['too much of it', 'A'.repeat(MAX_BLOB_CHARS + 4)],
  ])('refuses %s', (_, blob) => {
    expect(parseEnvelope(blob)).toBeUndefined();
  });

  it.each([
    ['a foreign version id', { versionId: 'key-1', iv: new Uint8Array(12), body: new Uint8Array(16) }],
    [
      'a short IV',
      { versionId: '01234567-89ab-cdef-0123-456789abcdef', iv: new Uint8Array(11), body: new Uint8Array(16) },
    ],
  ])('is not written with %s', (_, envelope) => {
    expect(() => formatEnvelope(envelope)).toThrow('envelope');
  });
});

const contexts = fc.uniqueArray(fc.tuple(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' })), {
  selector: ([name]) => name,
  minLength: 1,
  maxLength: 5,
});

const same = (a: EncryptionContext, b: EncryptionContext) =>
  JSON.stringify([...a].sort()) === JSON.stringify([...b].sort());
const digest = (context: EncryptionContext | undefined) => Buffer.from(contextData(context)).toString('hex');

describe('the data of an encryption context', () => {
  it('is nothing without pairs', () => {
    expect(contextData(undefined)).toHaveLength(0);
    expect(contextData([])).toHaveLength(0);
  });

  it('does not depend on the order', () => {
    fc.assert(
      fc.property(
        contexts.chain((pairs) =>
          fc.tuple(fc.constant(pairs), fc.shuffledSubarray(pairs, { minLength: pairs.length })),
        ),
        ([pairs, shuffled]) => {
          expect(digest(shuffled)).toBe(digest(pairs));
        },
      ),
    );
  });

  it('tells any two contexts apart', () => {
    fc.assert(
      fc.property(contexts, contexts, (a, b) => {
        expect(digest(a) === digest(b)).toBe(same(a, b));
      }),
    );
  });

  it.each<[EncryptionContext, EncryptionContext]>([
    [
      [['a', '1&b=2']],
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    [[['a=1', '2']], [['a', '1=2']]],
    [[['', 'x']], [['x', '']]],
    [[['a', 'b']], [['ab', '']]],
  ])('keeps apart what a plain join confuses: %j and %j', (a, b) => {
    expect(digest(a)).not.toBe(digest(b));
  });

  it('stays what it is, or old ciphertexts would not open', () => {
    expect(digest([['purpose', 'test']])).toBe('f8cc6a295d005fb100b083b2eff4d037c4806f28e4cf9acdf340ad29b33211d6');
  });
});
