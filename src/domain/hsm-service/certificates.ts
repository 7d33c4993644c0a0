import { isClusterChain } from '../hsm-identity.ts';
import { readOwnerCertificate, readRsaCertificate } from '../owner-certificate.ts';

/** What is wrong with one of the two certificates, for the caller. */
export interface CertificateFault {
  readonly which: 'issuer' | 'signed';
  readonly why: string;
}

/** DER SubjectPublicKeyInfo of a certificate request in PEM. */
export async function publicKeyOfCsr(csr: string): Promise<Buffer> {
  // Loaded when a cluster is initialised, so that the server starts without it.
  await import('reflect-metadata');
  const { Pkcs10CertificateRequest } = await import('@peculiar/x509');
  return Buffer.from(new Pkcs10CertificateRequest(csr).publicKey.rawData);
}

/**
 * Judges the certificates a cluster is to be initialised with: the issuer's can be a security domain certificate; the
 * signed one holds the key of the cluster's request and is signed by the issuer. Dates are not judged: a security domain
 * has no end. Returns both as DER.
 */
export async function judgeCertificates(
  csr: string,
  issuerPem: string,
  signedPem: string,
): Promise<{ readonly owner: Buffer; readonly cluster: Buffer } | CertificateFault> {
  const owner = readOwnerCertificate(issuerPem);
  if ('fault' in owner) return { which: 'issuer', why: owner.fault };
  const cluster = readRsaCertificate(signedPem);
  if ('fault' in cluster) return { which: 'signed', why: cluster.fault };
  const [issuer, signed] = [owner.certificate, cluster.certificate];
  const key = signed.publicKey.export({ type: 'spki', format: 'der' });
  if (!key.equals(await publicKeyOfCsr(csr)))
    return { which: 'signed', why: "it does not hold the key of the cluster's request" };
  if (!isClusterChain(issuer, signed)) return { which: 'signed', why: 'it is not signed by the issuer certificate' };
  return { owner: issuer.raw, cluster: signed.raw };
}
