import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import type { Random } from '../core/random.ts';
import { Secret } from '../core/secret.ts';
import { SealBroken, type Sealer } from '../domain/seal.ts';

const FORM = 1;
const SALT_BYTES = 16;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + SALT_BYTES + IV_BYTES;

function keyFor(root: Secret, salt: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', root.reveal(), salt, 'coffer seal 1', 32));
}

/**
 * The {@link Sealer} over a root key of 32 bytes: AES-256-GCM under a key derived for each value (random 128-bit salt
 * and 96-bit IV, so no limit on the number of values comes near), the binding as additional data. Sealed form: base64
 * of form (1), salt (16), IV (12), ciphertext, tag (16).
 */
export function createSealer(root: Secret, random: Random): Sealer {
  return {
    seal: (binding, secret) => {
      const salt = random.bytes(SALT_BYTES);
      const iv = random.bytes(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', keyFor(root, salt), iv);
      cipher.setAAD(Buffer.from(binding, 'utf8'));
      const body = Buffer.concat([cipher.update(secret.reveal()), cipher.final()]);
      return Buffer.concat([Uint8Array.of(FORM), salt, iv, body, cipher.getAuthTag()]).toString('base64');
    },
    open: (binding, sealed) => {
      const bytes = Buffer.from(sealed, 'base64');
      if (bytes.length < HEAD_BYTES + TAG_BYTES || bytes[0] !== FORM) throw new SealBroken(binding);
      const salt = bytes.subarray(1, 1 + SALT_BYTES);
      const decipher = createDecipheriv('aes-256-gcm', keyFor(root, salt), bytes.subarray(1 + SALT_BYTES, HEAD_BYTES));
      decipher.setAAD(Buffer.from(binding, 'utf8'));
      decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
      try {
        return new Secret(
          Buffer.concat([decipher.update(bytes.subarray(HEAD_BYTES, bytes.length - TAG_BYTES)), decipher.final()]),
        );
      } catch {
        throw new SealBroken(binding);
      }
    },
  };
}
