import { createCipheriv, createDecipheriv } from 'node:crypto';

/** One known answer: hexadecimal text. Source: the GCM specification of McGrew and Viega, test cases 4, 10 and 16. */
interface KnownAnswer {
  readonly cipher: 'aes-128-gcm' | 'aes-192-gcm' | 'aes-256-gcm';
  readonly key: string;
  readonly ciphertext: string;
  readonly tag: string;
}

const IV = 'cafebabefacedbaddecaf888';
const ADDITIONAL = 'feedfacedeadbeeffeedfacedeadbeefabaddad2';
const PLAINTEXT =
  'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39';

const KNOWN: readonly KnownAnswer[] = [
  {
    cipher: 'aes-128-gcm',
    key: 'feffe9928665731c6d6a8f9467308308',
    ciphertext:
      '42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091',
    tag: '5bc94fbc3221a5db94fae95ae7121a47',
  },
  {
    cipher: 'aes-192-gcm',
    key: 'feffe9928665731c6d6a8f9467308308feffe9928665731c',
    ciphertext:
      '3980ca0b3c00e841eb06fac4872a2757859e1ceaa6efd984628593b40ca1e19c7d773d00c144c525ac619d18c84a3f4718e2448b2fe324d9ccda2710',
    tag: '2519498e80f1478f37ba55bd6d27618c',
  },
  {
    cipher: 'aes-256-gcm',
    key: 'feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308',
    ciphertext:
      '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662',
    tag: '76fc6ece0f4e1768cddf8853bb2d551b',
  },
];

function answers(known: KnownAnswer): boolean {
  const key = Buffer.from(known.key, 'hex');
  const cipher = createCipheriv(known.cipher, key, Buffer.from(IV, 'hex'));
  cipher.setAAD(Buffer.from(ADDITIONAL, 'hex'));
  const body = Buffer.concat([cipher.update(PLAINTEXT, 'hex'), cipher.final()]);
  if (body.toString('hex') !== known.ciphertext || cipher.getAuthTag().toString('hex') !== known.tag) return false;
  const decipher = createDecipheriv(known.cipher, key, Buffer.from(IV, 'hex'));
  decipher.setAAD(Buffer.from(ADDITIONAL, 'hex'));
  const damaged = cipher.getAuthTag();
  damaged[0]! ^= 1;
  decipher.setAuthTag(damaged);
  decipher.update(body);
  try {
    decipher.final();
    return false;
  } catch {
    return true;
  }
}

/**
 * Encrypts known texts and refuses a damaged tag with each cipher of the default store. Throws when the process's
 * cryptographic library answers wrongly. Run at start and by `coffer doctor`.
 */
export function softwareSelfTest(): void {
  for (const known of KNOWN) {
    if (!answers(known)) throw new Error(`known-answer test of ${known.cipher} failed: do not use this build of Node`);
  }
}
