import { createHash, timingSafeEqual } from 'node:crypto';
import { Refusal } from './refusal.ts';

/*
 * blob := u8 version = 1 | u8 kind (1 AES) | u16 parameter (AES: bits) | 8 bytes cluster id | 8 bytes check value |
 *         key wrapped under the cluster key by RFC 5649
 *
 * The check value covers the head and is computed with the key, so no byte of a blob can be changed unnoticed.
 */
const HEAD = 12;
const CHECK = 8;
const VERSION = 1;
const LARGEST = 8192;

export const KIND_AES = 1;
export const CLUSTER_ID_BYTES = 8;

/** Under this IV only the check value is made; no caller may use it. */
export const CHECK_IV = Buffer.from('coffer/check', 'latin1');
export const CHECK_AAD = Buffer.from('Coffer key check v1', 'latin1');
export const CHECK_PLAINTEXT = Buffer.alloc(16);

export interface BlobParts {
  readonly kind: number;
  readonly parameter: number;
  readonly head: Buffer;
  readonly check: Buffer;
  readonly wrapped: Buffer;
}

export function blobHead(kind: number, parameter: number, clusterId: Buffer): Buffer {
  const head = Buffer.alloc(HEAD);
  head[0] = VERSION;
  head[1] = kind;
  head.writeUInt16BE(parameter, 2);
  clusterId.copy(head, 4);
  return head;
}

/** `sealed` is {@link CHECK_PLAINTEXT} encrypted by the key. Hashed, so that nothing of the key stream is given away. */
export function checkValue(head: Buffer, sealed: Buffer): Buffer {
  return createHash('sha256').update(CHECK_AAD).update(head).update(sealed).digest().subarray(0, CHECK);
}

export function joinBlob(head: Buffer, check: Buffer, wrapped: Buffer): Buffer {
  return Buffer.concat([head, check, wrapped]);
}

/** Takes a blob apart and refuses one of another cluster. */
export function splitBlob(blob: Buffer, clusterId: Buffer): BlobParts {
  if (blob.length < HEAD + CHECK + 16 || blob.length > LARGEST || blob[0] !== VERSION) {
    throw new Refusal('KeyNotUsable', 'this is not a wrapped key');
  }
  if (!timingSafeEqual(blob.subarray(4, HEAD), clusterId)) {
    throw new Refusal('KeyNotUsable', 'the key belongs to another cluster');
  }
  return {
    kind: blob[1]!,
    parameter: blob.readUInt16BE(2),
    head: blob.subarray(0, HEAD),
    check: blob.subarray(HEAD, HEAD + CHECK),
    wrapped: blob.subarray(HEAD + CHECK),
  };
}
