import { createPrivateKey, createPublicKey, webcrypto, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { DAY_MS } from '../../core/time.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const CA_YEARS = 10;
const SERVER_DAYS = 397;

/** A certificate and its private key, both PEM. */
export interface KeyedCertificate {
  readonly certificate: string;
  readonly key: string;
}

type CryptoKeyPair = webcrypto.CryptoKeyPair;

async function newKeys(): Promise<CryptoKeyPair> {
  return (await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])) as CryptoKeyPair;
}

/** Loaded when a certificate is to be made, which most starts need not do: it takes a tenth of a second and 25 MB. */
async function makers() {
  await import('reflect-metadata');
  return import('@peculiar/x509');
}

async function keyPem(keys: CryptoKeyPair): Promise<string> {
  const { PemConverter } = await makers();
  const der = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return `${PemConverter.encode(der, 'PRIVATE KEY')}\n`;
}

function serial(): string {
  return Buffer.from(webcrypto.getRandomValues(new Uint8Array(16))).toString('hex');
}

/** The pair that a private key in PEM belongs to; undefined when it is none that a CA of ours has. */
async function pairOf(key: string): Promise<CryptoKeyPair | undefined> {
  const read = (bytes: Buffer, form: 'pkcs8' | 'spki', use: 'sign' | 'verify') =>
    webcrypto.subtle.importKey(form, new Uint8Array(bytes), ALGORITHM, true, [use]);
  try {
    const [inner, outer] = [createPrivateKey(key), createPublicKey(key)];
    return {
      privateKey: await read(inner.export({ type: 'pkcs8', format: 'der' }), 'pkcs8', 'sign'),
      publicKey: await read(outer.export({ type: 'spki', format: 'der' }), 'spki', 'verify'),
    };
  } catch {
    return undefined;
  }
}

/**
 * A private CA for this deployment, made once. Over `kept` when that is the key of one: whoever trusts that CA then
 * trusts this one.
 */
export async function createCa(now: Date, kept?: string): Promise<KeyedCertificate> {
  const x509 = await makers();
  const keys = (kept === undefined ? undefined : await pairOf(kept)) ?? (await newKeys());
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: serial(),
      name: 'CN=Coffer private CA',
      notBefore: new Date(now.getTime() - DAY_MS),
      notAfter: new Date(now.getTime() + CA_YEARS * 365 * DAY_MS),
      signingAlgorithm: ALGORITHM,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    },
    webcrypto as unknown as Crypto,
  );
  return { certificate: `${certificate.toString('pem')}\n`, key: await keyPem(keys) };
}

/** A server certificate by the CA, for DNS names and addresses. */
export async function issueServerCertificate(
  ca: KeyedCertificate,
  names: readonly string[],
  now: Date,
): Promise<KeyedCertificate> {
  const x509 = await makers();
  const keys = await newKeys();
  const issuer = new x509.X509Certificate(ca.certificate);
  const signingKey = await webcrypto.subtle.importKey(
    'pkcs8',
    x509.PemConverter.decodeFirst(ca.key),
    ALGORITHM,
    false,
    ['sign'],
  );
  const certificate = await x509.X509CertificateGenerator.create(
    {
      serialNumber: serial(),
      subject: 'CN=Coffer',
      issuer: issuer.subject,
      notBefore: new Date(now.getTime() - DAY_MS),
      notAfter: new Date(now.getTime() + SERVER_DAYS * DAY_MS),
      signingAlgorithm: ALGORITHM,
      publicKey: keys.publicKey,
      signingKey,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension(
          names.map((name) => ({ type: isIP(name) === 0 ? 'dns' : 'ip', value: name }) as const),
        ),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
        await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      ],
    },
    webcrypto as unknown as Crypto,
  );
  return { certificate: `${certificate.toString('pem')}\n`, key: await keyPem(keys) };
}

/** The names a certificate is good for; IPv6 addresses in their short form. */
export function namesOf(certificate: string): string[] {
  const printed = new X509Certificate(certificate).subjectAltName ?? '';
  return printed
    .split(', ')
    .map((name) => /^(?:DNS|IP Address):(.*)$/.exec(name)?.[1])
    .filter((name) => name !== undefined)
    .map((name) => (isIP(name) === 6 ? new URL(`http://[${name}]`).hostname.slice(1, -1) : name));
}

/** When a certificate ends. */
export function endOf(certificate: string): Date {
  return new Date(new X509Certificate(certificate).validTo);
}

/** Whether key and certificate belong together; false also when either cannot be read. */
export function belongTogether({ certificate, key }: KeyedCertificate): boolean {
  try {
    return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

/** Whether the CA issued the certificate. */
export function isIssuedBy(certificate: string, ca: KeyedCertificate): boolean {
  return new X509Certificate(certificate).verify(new X509Certificate(ca.certificate).publicKey);
}
