import { verify, X509Certificate } from 'node:crypto';
import type { IdentityProof } from './hsm-devices.ts';

const PROOF = Buffer.from('Coffer HSM identity proof v1\0', 'latin1');

/** What an HSM signs to answer a challenge. The prefix keeps the signature from meaning anything elsewhere. */
export function identityMessage(challenge: Uint8Array): Uint8Array {
  return Buffer.concat([PROOF, challenge]);
}

/**
 * Whether an HSM proved that it belongs to a security domain. `mismatch`: its certificates are not those of the
 * domain, or not signed as they should be. `unproven`: it does not hold the key of its certificate.
 */
export type IdentityVerdict = 'proven' | 'mismatch' | 'unproven';

/**
 * Checks an answer to `challenge` against the security domain certificate (PEM or DER). The dates of the certificates
 * are not judged: the owner's may be off-line for good, and only possession of the key counts.
 */
export function verifyHsmIdentity(
  proof: IdentityProof,
  challenge: Uint8Array,
  securityDomainCertificate: string | Uint8Array,
): IdentityVerdict {
  try {
    const domain = new X509Certificate(securityDomainCertificate);
    const cluster = new X509Certificate(proof.certificates.cluster);
    if (!domain.raw.equals(proof.certificates.owner) || !isClusterChain(domain, cluster)) return 'mismatch';
    return verify('sha256', identityMessage(challenge), cluster.publicKey, proof.signature) ? 'proven' : 'unproven';
  } catch {
    return 'mismatch';
  }
}

/** Whether the owner's certificate is signed by itself and the cluster's by the owner. */
export function isClusterChain(owner: X509Certificate, cluster: X509Certificate): boolean {
  return owner.verify(owner.publicKey) && cluster.issuer === owner.subject && cluster.verify(owner.publicKey);
}
