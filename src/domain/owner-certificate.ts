import { X509Certificate } from 'node:crypto';

/**
 * RSA key sizes an owner certificate may have. Source: the limits of the vendor's HSM family (AWS CloudHSM). One rule for
 * the cluster that is initialised with it and for the key stores over that cluster: the first cannot be done again.
 */
const OWNER_RSA_BITS: readonly number[] = [2048, 4096];

const BLOCK = /-----BEGIN ([A-Z0-9 ]{1,64})-----/g;

/** A certificate, or why the text is none that fits; without a full stop. */
export type ReadCertificate = { readonly certificate: X509Certificate } | { readonly fault: string };

/** Reads exactly one certificate of an RSA key from PEM text. Never throws. */
export function readRsaCertificate(pem: string): ReadCertificate {
  const labels = [...pem.matchAll(BLOCK)].map((match) => match[1]);
  if (labels.length !== 1 || labels[0] !== 'CERTIFICATE') {
    return { fault: `expected one PEM block (CERTIFICATE), found ${labels.join(', ') || 'none'}` };
  }
  try {
    const certificate = new X509Certificate(pem);
    // Reads the key, which the parser above does not.
    if (certificate.publicKey.asymmetricKeyType !== 'rsa') return { fault: 'its key is not an RSA key' };
    return { certificate };
  } catch {
    return { fault: 'it cannot be read as an X.509 certificate' };
  }
}

/** Reads exactly one self-signed RSA certificate (2048 or 4096 bits): one that can be a security domain certificate. */
export function readOwnerCertificate(pem: string): ReadCertificate {
  const read = readRsaCertificate(pem);
  if ('fault' in read) return read;
  const { certificate } = read;
  const bits = certificate.publicKey.asymmetricKeyDetails?.modulusLength ?? 0;
  if (!OWNER_RSA_BITS.includes(bits)) {
    return { fault: `its RSA key has ${bits} bits, not ${OWNER_RSA_BITS.join(' or ')}` };
  }
  if (certificate.issuer !== certificate.subject || !certificate.verify(certificate.publicKey)) {
    return { fault: 'it is not self-signed' };
  }
  return read;
}
