import { type createPublicKey, webcrypto } from 'node:crypto';
import type { Spki } from '../domain/hsm-devices.ts';

/** Loaded when an HSM is administered, so that the server starts without it. */
async function x509() {
  await import('reflect-metadata');
  return import('@peculiar/x509');
}

const ALGORITHM = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };

/**
 * A PKCS#10 request (PEM) for a public key whose private half only `sign` can use: RSA PKCS#1 v1.5 with SHA-256. Throws
 * when the subject is not a distinguished name such as `CN=cluster, O=Example`.
 */
export async function buildCsr(
  subject: string,
  spki: Spki,
  sign: (message: Uint8Array) => Promise<Uint8Array>,
): Promise<string> {
  const { Name, Pkcs10CertificateRequestGenerator } = await x509();
  const name = new Name(subject);
  const publicKey = await webcrypto.subtle.importKey('spki', Buffer.from(spki), ALGORITHM, true, ['verify']);
  // The generator asks for a key pair and a provider; the provider signs with no key but the HSM's.
  const subtle = {
    exportKey: (format: 'spki', key: CryptoKey) => webcrypto.subtle.exportKey(format, key),
    sign: async (_algorithm: unknown, _key: unknown, data: ArrayBuffer) => {
      const signature = await sign(new Uint8Array(data));
      return Uint8Array.from(signature).buffer;
    },
  };
  const request = await Pkcs10CertificateRequestGenerator.create(
    {
      name,
      keys: { publicKey, privateKey: { ...publicKey, algorithm: ALGORITHM, type: 'private' } as unknown as CryptoKey },
      signingAlgorithm: ALGORITHM,
    },
    { subtle } as unknown as Crypto,
  );
  return `${request.toString('pem')}\n`;
}

/** The DER name of a certificate's subject, as PKCS#11 wants it beside the certificate. */
export async function subjectOf(der: Uint8Array): Promise<Buffer> {
  const { X509Certificate } = await x509();
  return Buffer.from(new X509Certificate(Buffer.from(der)).subjectName.toArrayBuffer());
}

/** Whether the certificate holds this public key. */
export function holdsKey(certificate: { publicKey: ReturnType<typeof createPublicKey> }, spki: Uint8Array): boolean {
  return certificate.publicKey.export({ type: 'spki', format: 'der' }).equals(spki);
}
