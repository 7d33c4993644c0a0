/** A customer who signs certificates with openssl, as the vendor's guide tells them to. */
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Owner {
  /** The self-signed issuer certificate, PEM. */
  readonly certificate: string;
  /** Signs a certificate request (PEM); the certificate, PEM. */
  sign(csr: string): string;
}

type KeyKind = 'rsa:2048' | 'rsa:3072' | 'rsa:4096' | 'ec';

function keyOf(kind: KeyKind): string {
  const pair =
    kind === 'ec'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: Number(kind.slice(4)) });
  return pair.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
}

function inDirectory<T>(
  work: (openssl: (...args: string[]) => string, put: (name: string, text: string) => void) => T,
): T {
  const directory = mkdtempSync(join(tmpdir(), 'coffer-owner-'));
  try {
    const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' }).toString();
    return work(openssl, (name, text) => writeFileSync(join(directory, name), text));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A new owner with a key of the kind. */
export function makeOwner(kind: KeyKind = 'rsa:2048', subject = '/O=Customer/CN=issuer'): Owner {
  const key = keyOf(kind);
  const certificate = inDirectory((openssl, put) => {
    put('issuer.key', key);
    return openssl('req', '-x509', '-new', '-key', 'issuer.key', '-days', '3652', '-subj', subject);
  });
  return {
    certificate,
    sign: (csr) =>
      inDirectory((openssl, put) => {
        put('issuer.key', key);
        put('issuer.crt', certificate);
        put('cluster.csr', csr);
        const ca = ['-CA', 'issuer.crt', '-CAkey', 'issuer.key', '-CAcreateserial'];
        return openssl('x509', '-req', '-in', 'cluster.csr', '-days', '3652', ...ca);
      }),
  };
}

/** A certificate request of a new RSA key, with the key; both PEM. */
export function makeRequestWithKey(subject = '/O=Coffer/CN=cluster'): { request: string; privateKey: string } {
  const privateKey = keyOf('rsa:2048');
  const request = inDirectory((openssl, put) => {
    put('cluster.key', privateKey);
    return openssl('req', '-new', '-key', 'cluster.key', '-subj', subject);
  });
  return { request, privateKey };
}

/** A certificate request of a new RSA key, PEM. */
export function makeRequest(subject?: string): string {
  return makeRequestWithKey(subject).request;
}
