import { createHash } from 'node:crypto';

const VERSION_CHARS = 36;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = VERSION_CHARS + IV_BYTES;

/** Longest text that Encrypt takes, in bytes of UTF-8: 6 KB of data as base64. */
export const MAX_PLAINTEXT_BYTES = 8192;

/** Longest `CiphertextBlob` there can be, in characters. */
export const MAX_BLOB_CHARS = Math.ceil((HEAD_BYTES + MAX_PLAINTEXT_BYTES + TAG_BYTES) / 3) * 4;

/** A symmetric ciphertext taken apart: the vendor's visible layout (docs/inside/ciphertext-format.md). */
export interface Envelope {
  /** The key version that opens it: a UUID in lower case. */
  readonly versionId: string;
  /** 12 bytes. */
  readonly iv: Uint8Array;
  /** Ciphertext followed by its 16-byte tag. */
  readonly body: Uint8Array;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Writes a `CiphertextBlob`: base64 of version id (36 ASCII characters), IV, ciphertext and tag. */
export function formatEnvelope(envelope: Envelope): string {
  const { versionId, iv, body } = envelope;
  if (!UUID.test(versionId) || iv.length !== IV_BYTES || body.length < TAG_BYTES) throw new Error('not an envelope');
  const bytes = Buffer.allocUnsafe(HEAD_BYTES + body.length);
  bytes.write(versionId, 0, 'latin1');
  bytes.set(iv, VERSION_CHARS);
  bytes.set(body, HEAD_BYTES);
  return bytes.toString('base64');
}

/** Takes a `CiphertextBlob` apart; undefined when it is too long, not canonical base64, or has not the layout. */
export function parseEnvelope(blob: string): Envelope | undefined {
  if (blob.length > MAX_BLOB_CHARS) return undefined;
  const bytes = Buffer.from(blob, 'base64');
  if (bytes.length < HEAD_BYTES + TAG_BYTES || bytes.toString('base64') !== blob) return undefined;
  const versionId = bytes.toString('latin1', 0, VERSION_CHARS);
  if (!UUID.test(versionId)) return undefined;
  return { versionId, iv: bytes.subarray(VERSION_CHARS, HEAD_BYTES), body: bytes.subarray(HEAD_BYTES) };
}

/** The name and value pairs that must be given again at decryption. Order has no meaning; names are unique. */
export type EncryptionContext = readonly (readonly [name: string, value: string])[];

const NO_CONTEXT = new Uint8Array(0);
const DOMAIN = 'coffer encryption context 1\n';

function lengthPrefixed(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'utf8');
  const head = Buffer.allocUnsafe(4);
  head.writeUInt32BE(bytes.length);
  return Buffer.concat([head, bytes]);
}

/**
 * Additional authenticated data of a context: SHA-256 over a fixed prefix and, sorted by name (UTF-16 code units), each
 * name and value as UTF-8 behind its length (4 bytes, big-endian). No context, or one without pairs, is no data at all.
 * Names and values must be well-formed Unicode, or two contexts could come out alike.
 */
export function contextData(context: EncryptionContext | undefined): Uint8Array {
  if (context === undefined || context.length === 0) return NO_CONTEXT;
  const hash = createHash('sha256').update(DOMAIN);
  const sorted = [...context].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [name, value] of sorted) hash.update(lengthPrefixed(name)).update(lengthPrefixed(value));
  return hash.digest();
}
