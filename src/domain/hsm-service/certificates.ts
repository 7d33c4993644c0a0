import { X509Certificate } from 'node:crypto';
import { isClusterChain } from '../hsm-identity.ts';

const BLOCK = /-----BEGIN ([A-Z0-9 ]{1,64})-----/g;
const MIN_RSA_BITS = 2048;

/** What is wrong with one of the two certificates, for the caller. */
export interface CertificateFault {
  readonly which: 'issuer' | 'signed';
  readonly why: string;
}

function read(pem: string, which: CertificateFault['which']): X509Certificate | CertificateFault {
  const labels = [...pem.matchAll(BLOCK)].map((match) => match[1]);
  if (labels.length !== 1 || labels[0] !== 'CERTIFICATE') return { which, why: 'it must be one certificate in PEM' };
  try {
    const certificate = new X509Certificate(pem);
    if (certificate.publicKey.asymmetricKeyType !== 'rsa') return { which, why: 'its key is not an RSA key' };
    return certificate;
  } catch {
    return { which, why: 'it cannot be read as an X.509 certificate' };
  }
}

/** DER SubjectPublicKeyInfo of a certificate request in PEM. */
export async function publicKeyOfCsr(csr: string): Promise<Buffer> {
  // Loaded when a cluster is initialised, so that the server starts without it.
  await import('reflect-metadata');
  const { Pkcs10CertificateRequest } = await import('@peculiar/x509');
  return Buffer.from(new Pkcs10CertificateRequest(csr).publicKey.rawData);
}

/**
 * Judges the certificates a cluster is to be initialised with: the issuer's is self-signed with an RSA key of 2048 bits
 * or more; the signed one holds the key of the cluster's request and is signed by the issuer. Dates are not judged: a
 * security domain has no end. Returns both as DER.
 */
export async function judgeCertificates(
  csr: string,
  issuerPem: string,
  signedPem: string,
): Promise<{ readonly owner: Buffer; readonly cluster: Buffer } | CertificateFault> {
  const issuer = read(issuerPem, 'issuer');
  if (!(issuer instanceof X509Certificate)) return issuer;
  const bits = issuer.publicKey.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits < MIN_RSA_BITS) return { which: 'issuer', why: `its RSA key has ${bits} bits; at least 2048 are asked for` };
  if (issuer.issuer !== issuer.subject || !issuer.verify(issuer.publicKey)) {
    return { which: 'issuer', why: 'it is not signed by itself' };
  }
  const signed = read(signedPem, 'signed');
  if (!(signed instanceof X509Certificate)) return signed;
  const key = signed.publicKey.export({ type: 'spki', format: 'der' });
  if (!key.equals(await publicKeyOfCsr(csr)))
    return { which: 'signed', why: "it does not hold the key of the cluster's request" };
  if (!isClusterChain(issuer, signed)) return { which: 'signed', why: 'it is not signed by the issuer certificate' };
  return { owner: issuer.raw, cluster: signed.raw };
}
