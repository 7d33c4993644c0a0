import { table } from '../core/table.ts';

export type KeyUsage = 'ENCRYPT/DECRYPT' | 'SIGN/VERIFY';

/** All there is to know about a kind of key. Consumers get the row, never the name. */
export interface KeySpec {
  /** The vendor's name, as CreateKey takes it. */
  readonly name: string;
  readonly kind: 'symmetric';
  /** What a key of the spec may be used for; the first is the default. */
  readonly usages: readonly [KeyUsage, ...KeyUsage[]];
  readonly bits: 128 | 192 | 256;
  /** The cipher's name in the software backend. */
  readonly cipher: 'aes-128-gcm' | 'aes-192-gcm' | 'aes-256-gcm';
  /** The mechanism an HSM must have. */
  readonly mechanism: 'CKM_AES_GCM';
  /** Bytes of random IV in front of a ciphertext, and of the tag at its end. */
  readonly ivBytes: 12;
  readonly tagBytes: 16;
}

function aes<const B extends 128 | 192 | 256>(bits: B): KeySpec {
  return Object.freeze({
    name: `Aliyun_AES_${bits}`,
    kind: 'symmetric',
    usages: ['ENCRYPT/DECRYPT'],
    bits,
    cipher: `aes-${bits}-gcm`,
    mechanism: 'CKM_AES_GCM',
    ivBytes: 12,
    tagBytes: 16,
  } as const);
}

/** The key specs that work, by the vendor's name. */
export const KEY_SPECS: Readonly<Record<string, KeySpec>> = table({
  Aliyun_AES_256: aes(256),
  Aliyun_AES_192: aes(192),
  Aliyun_AES_128: aes(128),
});

/** The spec of a key for which CreateKey names none. */
export const DEFAULT_KEY_SPEC = 'Aliyun_AES_256';
