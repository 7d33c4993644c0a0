import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Secret } from '../core/secret.ts';
import { decodeRequest, type RawRequest } from './request.ts';
import { verifySignature } from './verify.ts';

interface Vector {
  readonly name: string;
  readonly method: string;
  readonly target: string;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly accessKeySecret: string;
  readonly stringToSign?: string;
  readonly signature: string;
}

const FOLDER = join(import.meta.dirname, '..', '..', 'test', 'vectors', 'signatures');
const all = ['signature-vectors.json', 'public-documentation.json'].flatMap(
  (file) => (JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as { vectors: Vector[] }).vectors,
);

/** Requests that carry no signature of a supported kind: bearer tokens, anonymous calls. */
const unsigned = all.filter((vector) => /bearer|anonymous/i.test(vector.name));
const vectors = all.filter((vector) => !unsigned.includes(vector));

function rawOf(vector: Vector): RawRequest {
  return {
    method: vector.method,
    target: vector.target,
    headers: vector.headers,
    body: Buffer.from(vector.body, 'utf8'),
  };
}

function verify(raw: RawRequest, secret: string) {
  const decoded = decodeRequest(raw);
  if (decoded.refused) return decoded;
  return { ...verifySignature(decoded, raw, Secret.ofText(secret)), signature: decoded.credential.signature };
}

describe('signature vectors', () => {
  it('has them all', () => expect(vectors.length).toBeGreaterThanOrEqual(16));

  it.each(unsigned)('refuses $name for its kind', (vector) => {
    expect(decodeRequest(rawOf(vector))).toMatchObject({ refused: true });
  });

  it.each(vectors)('accepts $name', (vector) => {
    expect(verify(rawOf(vector), vector.accessKeySecret)).toMatchObject({ ok: true, signature: vector.signature });
  });

  it.each(vectors)('refuses $name under another secret', (vector) => {
    expect(verify(rawOf(vector), `${vector.accessKeySecret}x`)).toMatchObject({ ok: false });
  });

  it.each(vectors.filter((vector) => vector.stringToSign))('derives the string to sign of $name', (vector) => {
    expect(verify(rawOf(vector), 'wrong')).toMatchObject({ ok: false, stringToSign: vector.stringToSign });
  });

  it.each(vectors)('refuses $name when any signed part is changed', (vector) => {
    const raw = rawOf(vector);
    const changed: RawRequest[] = [
      { ...raw, method: raw.method === 'GET' ? 'POST' : 'GET' },
      { ...raw, target: raw.target.includes('?') ? `${raw.target}&Added=1` : `${raw.target}?Added=1` },
      {
        ...raw,
        body: Buffer.from(`${vector.body}&Added=1`),
        headers: { ...raw.headers, 'content-type': 'application/x-www-form-urlencoded' },
      },
    ];
    const signed = /SignedHeaders=([^,]*)/.exec(raw.headers.authorization ?? '')?.[1]?.split(';') ?? [];
    for (const name of signed) changed.push({ ...raw, headers: { ...raw.headers, [name]: `${raw.headers[name]}0` } });
    for (const request of changed) expect(verify(request, vector.accessKeySecret)).not.toMatchObject({ ok: true });
  });
});
