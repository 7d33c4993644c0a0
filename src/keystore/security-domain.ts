import { X509Certificate } from 'node:crypto';
import { isClusterChain } from '../domain/hsm-identity.ts';

/** RSA key sizes an owner certificate may have. Source: the limits of the vendor's HSM family (AWS CloudHSM). */
const RSA_BITS: readonly number[] = [2048, 4096];

const BLOCK = /-----BEGIN ([A-Z0-9 ]{1,64})-----/g;

/** A security domain certificate that may be one, or why it cannot be. */
export type OwnerCertificate = { readonly certificate: X509Certificate } | { readonly fault: string };

/** Reads exactly one self-signed RSA certificate (2048 or 4096 bits) from PEM text. */
export function readOwnerCertificate(pem: string): OwnerCertificate {
  const labels = [...pem.matchAll(BLOCK)].map((match) => match[1]);
  if (labels.length !== 1 || labels[0] !== 'CERTIFICATE') {
    return { fault: `expected one PEM block (CERTIFICATE), found ${labels.join(', ') || 'none'}.` };
  }
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
    // Reads the key, which the parser above does not.
    if (certificate.publicKey.asymmetricKeyType !== 'rsa') return { fault: 'its key is not an RSA key.' };
  } catch {
    return { fault: 'it cannot be read as an X.509 certificate.' };
  }
  const bits = certificate.publicKey.asymmetricKeyDetails?.modulusLength ?? 0;
  if (!RSA_BITS.includes(bits)) return { fault: `its RSA key has ${bits} bits, not ${RSA_BITS.join(' or ')}.` };
  if (certificate.issuer !== certificate.subject || !certificate.verify(certificate.publicKey)) {
    return { fault: 'it is not self-signed.' };
  }
  return { certificate };
}

/** The certificates an initialised cluster shows, PEM. */
export interface ShownCertificates {
  readonly owner: string;
  readonly cluster: string;
}

/** Whether two PEM texts hold the same certificate. */
export function sameCertificate(one: string, other: string): boolean {
  try {
    return new X509Certificate(one).raw.equals(new X509Certificate(other).raw);
  } catch {
    return false;
  }
}

/**
 * Why `owner` is not the security domain certificate of the cluster that shows these certificates; undefined when it is:
 * equal to its owner certificate, byte for byte, and issuer of its cluster certificate.
 */
export function domainMismatch(owner: X509Certificate, shown: ShownCertificates): string | undefined {
  try {
    if (!new X509Certificate(shown.owner).raw.equals(owner.raw)) return 'the cluster was initialised with another one.';
    return isClusterChain(owner, new X509Certificate(shown.cluster))
      ? undefined
      : "it does not verify the cluster's certificate.";
  } catch {
    return "the cluster's own certificates cannot be read.";
  }
}

/** PEM of a certificate without anything around it, as kept and shown. */
export function certificatePem(certificate: X509Certificate): string {
  return certificate.toString();
}

/** SHA-256 of a certificate as audit events name it: lower-case hexadecimal. */
export function certificateFingerprint(certificate: X509Certificate): string {
  return certificate.fingerprint256.replaceAll(':', '').toLowerCase();
}
