import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

const RSA = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
} as const;
const YEARS = 10;
const DAY_MS = 86_400_000;

/** The cluster owner's own CA, as one would make it with OpenSSL; its key is used once and dropped. */
export interface OwnerCa {
  /** PEM, self-signed: the security domain certificate. */
  readonly certificate: string;
  /** Signs a cluster's certificate request; PEM in, PEM out. */
  readonly sign: (request: string) => Promise<string>;
}

export async function createOwnerCa(): Promise<OwnerCa> {
  const provider = webcrypto as unknown as Crypto;
  const keys = (await webcrypto.subtle.generateKey(RSA, false, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const notBefore = new Date(Date.now() - DAY_MS);
  const notAfter = new Date(Date.now() + YEARS * 365 * DAY_MS);
  const ca = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: '01',
      name: 'CN=Quickstart owner CA',
      notBefore,
      notAfter,
      signingAlgorithm: RSA,
      keys,
      extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
    },
    provider,
  );
  return {
    certificate: ca.toString('pem'),
    sign: async (request) => {
      const csr = new x509.Pkcs10CertificateRequest(request);
      const certificate = await x509.X509CertificateGenerator.create(
        {
          serialNumber: '02',
          subject: csr.subject,
          issuer: ca.subject,
          notBefore,
          notAfter,
          signingAlgorithm: RSA,
          publicKey: csr.publicKey,
          signingKey: keys.privateKey,
        },
        provider,
      );
      return certificate.toString('pem');
    },
  };
}
