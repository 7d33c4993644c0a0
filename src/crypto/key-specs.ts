import { table } from '../core/table.ts';

export type KeyUsage = 'ENCRYPT/DECRYPT' | 'SIGN/VERIFY';

/** All there is to know about a kind of key. Consumers get the row, never the name. */
export interface KeySpec {
  /** The vendor's name, as CreateKey takes it. */
  readonly name: string;
  /** What a key of the spec may be used for; the first is the default. */
  readonly usages: readonly [KeyUsage, ...KeyUsage[]];
  /** Length of the AES key. Backends use it in GCM with a 96-bit IV and a 128-bit tag. */
  readonly bits: 128 | 192 | 256;
}

function aes<const B extends 128 | 192 | 256>(bits: B): KeySpec {
  return Object.freeze({ name: `Aliyun_AES_${bits}`, usages: ['ENCRYPT/DECRYPT'], bits } as const);
}

/** The key specs that work, by the vendor's name. */
export const KEY_SPECS: Readonly<Record<string, KeySpec>> = table({
  Aliyun_AES_256: aes(256),
  Aliyun_AES_192: aes(192),
  Aliyun_AES_128: aes(128),
});

/** The spec of a key for which CreateKey names none. */
export const DEFAULT_KEY_SPEC = 'Aliyun_AES_256';
