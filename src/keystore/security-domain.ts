import { X509Certificate } from 'node:crypto';
import { isClusterChain } from '../domain/hsm-identity.ts';

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
