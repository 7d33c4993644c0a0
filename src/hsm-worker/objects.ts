import { createHash, createPublicKey } from 'node:crypto';
import pkcs11 from 'pkcs11js';
import { Refusal } from './refusal.ts';
import { type Attributes, type Token, template } from './token.ts';

/** Labels of the objects Coffer keeps on a token. */
export const LABEL = {
  clusterKey: 'coffer-cluster-key',
  identity: 'coffer-identity',
  /** The identity's private key wrapped under the cluster key, for members to come. */
  identityBlob: 'coffer-identity-blob',
  transport: 'coffer-transport',
  /** A new member's transport key, while the cluster key is sealed for it. */
  peer: 'coffer-peer',
  ownerCertificate: 'coffer-owner-certificate',
  clusterCertificate: 'coffer-cluster-certificate',
} as const;

/**
 * The cluster key: leaves under trusted public keys only, wraps and opens keys and does nothing else, and none of this
 * can be changed afterwards (MODIFIABLE, COPYABLE), not even by who holds the user PIN.
 */
export function clusterKeyAttributes(clusterId: Buffer): Attributes {
  return {
    CLASS: pkcs11.CKO_SECRET_KEY,
    KEY_TYPE: pkcs11.CKK_AES,
    TOKEN: true,
    PRIVATE: true,
    SENSITIVE: true,
    EXTRACTABLE: true,
    WRAP_WITH_TRUSTED: true,
    COPYABLE: false,
    WRAP: true,
    UNWRAP: true,
    ENCRYPT: false,
    DECRYPT: false,
    SIGN: false,
    VERIFY: false,
    DERIVE: false,
    LABEL: LABEL.clusterKey,
    ID: clusterId,
    // Last: SoftHSM refuses any attribute of an unwrap template that comes after this one.
    MODIFIABLE: false,
  };
}

/** The identity's private key: signs and does nothing else. Extractable only between its birth and its first wrapping. */
export function identityAttributes(extractable: boolean): Attributes {
  return {
    TOKEN: true,
    PRIVATE: true,
    SENSITIVE: true,
    EXTRACTABLE: extractable,
    SIGN: true,
    DECRYPT: false,
    UNWRAP: false,
    LABEL: LABEL.identity,
  };
}

/** An AES session key. Data keys are extractable at birth alone, between generation and wrapping. */
export function sessionKeyAttributes(use: { data: true; extractable: boolean } | { wrapping: true }): Attributes {
  const data = 'data' in use;
  return {
    CLASS: pkcs11.CKO_SECRET_KEY,
    KEY_TYPE: pkcs11.CKK_AES,
    TOKEN: false,
    PRIVATE: true,
    SENSITIVE: true,
    EXTRACTABLE: data ? use.extractable : false,
    ENCRYPT: data,
    DECRYPT: data,
    WRAP: !data,
    UNWRAP: !data,
  };
}

/** RSA-OAEP as both ends of a join use it. */
export function oaep(token: Token): pkcs11.Mechanism {
  const sha1 = token.profile.mechanisms.oaepHash === 'sha1';
  const parameter: pkcs11.RsaOAEP = {
    type: pkcs11.CK_PARAMS_RSA_OAEP,
    hashAlg: sha1 ? pkcs11.CKM_SHA_1 : pkcs11.CKM_SHA256,
    mgf: sha1 ? pkcs11.CKG_MGF1_SHA1 : pkcs11.CKG_MGF1_SHA256,
    source: 1,
  };
  return { mechanism: pkcs11.CKM_RSA_PKCS_OAEP, parameter };
}

/** Generates an RSA-2048 pair of token objects. */
export function generateRsa(token: Token, label: string, use: Attributes, privateKey: Attributes): pkcs11.KeyPair {
  return token.module.C_GenerateKeyPair(
    token.objects,
    { mechanism: pkcs11.CKM_RSA_PKCS_KEY_PAIR_GEN },
    template({
      TOKEN: true,
      PRIVATE: false,
      MODULUS_BITS: 2048,
      PUBLIC_EXPONENT: Buffer.from([1, 0, 1]),
      LABEL: label,
      ...use,
    }),
    template(privateKey),
  );
}

/** The public key object as DER SubjectPublicKeyInfo. */
export function exportSpki(token: Token, publicKey: Buffer): Buffer {
  const number = (name: string): string => {
    const bytes = token.attribute(publicKey, name);
    return bytes.subarray(bytes.findIndex((byte) => byte !== 0)).toString('base64url');
  };
  const jwk = { kty: 'RSA', n: number('MODULUS'), e: number('PUBLIC_EXPONENT') };
  return createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'der' });
}

/** Modulus and exponent of an RSA-2048 public key given as DER SubjectPublicKeyInfo; refuses anything else. */
export function importSpki(spki: Buffer): { modulus: Buffer; exponent: Buffer } {
  try {
    const {
      kty,
      n = '',
      e = '',
    } = createPublicKey({ key: spki, format: 'der', type: 'spki' }).export({ format: 'jwk' });
    const modulus = Buffer.from(n, 'base64url');
    if (kty === 'RSA' && modulus.length === 256) return { modulus, exponent: Buffer.from(e, 'base64url') };
  } catch {
    // No key at all: the same answer.
  }
  throw new Refusal('InvalidRequest', 'this is not an RSA key of 2048 bits');
}

/** PKCS#1 v1.5 with SHA-256 by the identity key. The hash is made here and put into its DigestInfo by hand, as some modules hash no RSA. */
export function signWithIdentity(token: Token, key: Buffer, message: Buffer): Buffer {
  const digestInfo = Buffer.concat([
    Buffer.from('3031300d060960864801650304020105000420', 'hex'),
    createHash('sha256').update(message).digest(),
  ]);
  token.module.C_SignInit(token.work, { mechanism: pkcs11.CKM_RSA_PKCS }, key);
  return token.module.C_Sign(token.work, digestInfo, Buffer.alloc(256));
}
