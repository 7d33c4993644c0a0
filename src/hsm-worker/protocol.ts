/**
 * The messages between Coffer and the child process of an HSM. Both ends are the same version of the same program, so
 * there is no negotiation.
 *
 *     frame   := u32 length of the rest | body                      (big-endian, at most MAX_FRAME)
 *     request := u32 call id | u8 operation | fields
 *     answer  := u32 call id | u8 status | fields
 *     fields  := ( u32 length | bytes )*
 *
 * A refusal has two fields: an HsmErrorCode and a sentence for the log. Secrets (PINs, plaintexts) are raw fields, so
 * that neither end has to make text of them.
 */
import type { Verdict } from './classify.ts';

export const STATUS = {
  ok: 0,
  refused: 1,
  /** The HSM refused the PIN: not to be tried again before an operator has looked. */
  pinRefused: 2,
} as const;

/** Largest frame either end accepts, bytes. */
export const MAX_FRAME = 1 << 20;
export const FRAME_HEAD = 9;

/** Operation codes. Positional fields and answers are described at each. */
export const OP = {
  /** json OpenRequest -> json {serial, initialised}. Must come first. */
  open: 1,
  /** user PIN -> cluster id, empty while there is none. Enables the operations below. */
  login: 2,
  /** message -> signature, owner certificate, cluster certificate. */
  identity: 3,
  /** -> nothing */
  selfTest: 4,
  /** u8 kind, u16 parameter -> blob */
  generate: 5,
  /** blob -> check value */
  loadCheck: 6,
  /** blob, iv, aad, plaintext -> ciphertext and tag */
  encrypt: 7,
  /** blob, iv, aad, ciphertext and tag -> plaintext */
  decrypt: 8,
  /** u16 count -> bytes */
  random: 9,
  /** -> json DeviceUsage */
  stats: 10,
  /** blob -> nothing; its key is not kept opened any more. */
  forget: 11,

  /** officer PIN, user PIN, label -> serial */
  initToken: 20,
  /** officer PIN, label -> nothing; leaves a token without user PIN and objects. */
  wipeToken: 21,
  /** -> cluster id, public key */
  createIdentity: 22,
  /** message -> signature */
  sign: 23,
  /** owner certificate, its subject, cluster certificate, its subject -> nothing */
  installCertificates: 24,
  /** -> transport public key */
  prepareJoin: 25,
  /** officer PIN, user PIN, transport public key -> sealed cluster key, wrapped identity key */
  sealClusterKey: 26,
  /** json CloneFacts, sealed cluster key, wrapped identity key -> nothing */
  completeJoin: 27,
} as const;

export type Op = (typeof OP)[keyof typeof OP];

/** How a token is named. With `orBlank`, a slot without token will do while none has the label yet. */
export type TokenSelect = { label: string; orBlank?: boolean } | { serial: string };

/** What the child needs to know of a module's ways: the part of a vendor's profile that is about PKCS#11. */
export interface ModuleProfile {
  readonly mechanisms: {
    /** Code of AES key wrap with padding as RFC 5649 says: 0x210A before PKCS#11 3.0, 0x210B since. */
    readonly kwp: number;
    /** Hash of RSA-OAEP under which the cluster key travels to a new member. */
    readonly oaepHash: 'sha1' | 'sha256';
  };
  readonly quirks: {
    /** One-shot C_Encrypt refuses an empty plaintext, while C_EncryptInit and C_EncryptFinal give its GCM tag. */
    readonly emptyGcmByFinal: boolean;
    /** The slot's number changes when its token is initialised, so the module must be loaded anew to find it. */
    readonly slotMovesOnInit: boolean;
  };
  /** Return codes that mean something else than the standard says; see `classify.ts`. */
  readonly verdicts: Readonly<Record<string, Verdict>>;
}

/** Which token of which module to open. */
export interface OpenRequest {
  library: string;
  select: TokenSelect;
  profile: ModuleProfile;
  /** Keys kept opened; the least recently used one goes first. */
  cachedKeys: number;
  /** The process ends itself, to be replaced, when it is found to hold more than this. */
  memoryBytes: number;
}

/** One frame: `code` is an operation or a status. */
export function encodeFrame(id: number, code: number, fields: readonly Uint8Array[]): Buffer {
  let size = FRAME_HEAD;
  for (const field of fields) size += 4 + field.length;
  const frame = Buffer.allocUnsafe(size);
  frame.writeUInt32BE(size - 4, 0);
  frame.writeUInt32BE(id, 4);
  frame[8] = code;
  let at = FRAME_HEAD;
  for (const field of fields) {
    frame.writeUInt32BE(field.length, at);
    frame.set(field, at + 4);
    at += 4 + field.length;
  }
  return frame;
}

/** Views on the fields of a frame's body. Throws on anything that does not add up. */
export function decodeFields(body: Buffer, from: number): Buffer[] {
  const fields: Buffer[] = [];
  let at = from;
  while (at < body.length) {
    if (at + 4 > body.length) throw new Error('malformed frame: field head');
    const end = at + 4 + body.readUInt32BE(at);
    if (end > body.length) throw new Error('malformed frame: field length');
    fields.push(body.subarray(at + 4, end));
    at = end;
  }
  return fields;
}

/** Cuts a byte stream into frame bodies; keeps at most one incomplete frame. */
export class FrameReader {
  #rest: Buffer[] = [];
  #have = 0;

  /**
   * Calls `onBody` with the id, code and whole body (fields from offset 5) of each frame completed by `chunk`. The
   * body is a view that may not be kept. Throws when a length is impossible: the stream is then useless.
   */
  push(chunk: Buffer, onBody: (id: number, code: number, body: Buffer) => void): void {
    let data = chunk;
    if (this.#have > 0) {
      this.#rest.push(chunk);
      this.#have += chunk.length;
      if (this.#have < this.#wanted()) return;
      data = Buffer.concat(this.#rest);
      this.#rest = [];
      this.#have = 0;
    }
    let at = 0;
    while (data.length - at >= 4) {
      const length = checkedLength(data, at);
      if (data.length - at - 4 < length) break;
      const body = data.subarray(at + 4, at + 4 + length);
      onBody(body.readUInt32BE(0), body[4]!, body);
      at += 4 + length;
    }
    if (at < data.length) {
      this.#rest = [data.subarray(at)];
      this.#have = data.length - at;
    }
  }

  #wanted(): number {
    const first = this.#rest[0]!;
    const head = first.length >= 4 ? first : Buffer.concat(this.#rest);
    return head.length < 4 ? Number.POSITIVE_INFINITY : 4 + checkedLength(head, 0);
  }
}

function checkedLength(data: Buffer, at: number): number {
  const length = data.readUInt32BE(at);
  if (length < 5 || length > MAX_FRAME) throw new Error('malformed frame: length');
  return length;
}

/** A field holding text. */
export function text(value: string): Buffer {
  return Buffer.from(value, 'utf8');
}
