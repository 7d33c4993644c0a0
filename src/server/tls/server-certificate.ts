import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { DAY_MS } from '../../core/time.ts';
import { PRODUCTS, type Product } from '../../domain/products.ts';
import type { Config } from '../config/schema.ts';
import { readOwn } from '../own-file.ts';
import { servedRegions } from '../regions.ts';
import { StartRefused } from '../start-refused.ts';
import {
  belongTogether,
  createCa,
  endOf,
  isIssuedBy,
  issueServerCertificate,
  type KeyedCertificate,
  namesOf,
} from './private-ca.ts';

const RENEW_DAYS = 30;

/** What the HTTPS listeners present, and what clients have to trust. */
export interface ServerTls extends KeyedCertificate {
  /** PEM file of the CA clients must trust; undefined when the operator brought a certificate. */
  readonly caFile: string | undefined;
  readonly ends: Date;
  /** The CA was made just now, so that nobody trusts it yet. */
  readonly newCa: boolean;
}

/** As certificates print it: IPv6 addresses in their short form. */
function plainName(name: string): string {
  return isIPv6(name) ? new URL(`http://[${name}]`).hostname.slice(1, -1) : name;
}

const EVERY_ADDRESS: readonly string[] = ['', '0.0.0.0', '::'];

/** Hosts that HTTPS listeners are bound to by name or address, which clients then use. A scope is not part of a name. */
function listenedOn(config: Config): string[] {
  const hosts = config.listen.filter(({ tls, host }) => tls && !host.includes('%')).map(({ host }) => plainName(host));
  return hosts.filter((host) => !EVERY_ADDRESS.includes(host));
}

/**
 * Every name the certificate covers: the vendor's endpoints of all regions served, loopback, what the listeners are bound
 * to, and the configured ones.
 */
export function certificateNames(config: Config): string[] {
  const products: readonly Product[] = Object.values(PRODUCTS);
  const hosts = servedRegions(config).flatMap((region) =>
    products.flatMap((product) => [product.host(region), ...(product.otherHosts?.(region) ?? [])]),
  );
  const local = ['localhost', '127.0.0.1', '::1'];
  return [...new Set([...hosts, ...local, ...listenedOn(config), ...config.tls.names.map(plainName)])].sort();
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Undefined unless both are there and belong together. */
async function readPair(directory: string, name: string): Promise<KeyedCertificate | undefined> {
  const certificate = await readIfThere(join(directory, `${name}.pem`));
  const key = await readIfThere(join(directory, `${name}.key`));
  if (certificate === undefined || key === undefined) return undefined;
  return belongTogether({ certificate, key }) ? { certificate, key } : undefined;
}

/**
 * The CA is never replaced behind the back of clients that trust it, nor is what is left of it overwritten. A key alone,
 * as a crash leaves it, gets a certificate of its own again.
 */
async function privateCa(directory: string, wall: Date): Promise<KeyedCertificate & { readonly fresh: boolean }> {
  const kept = await readPair(directory, 'ca');
  if (kept !== undefined) return { ...kept, fresh: false };
  const [certificateFile, keyFile] = [join(directory, 'ca.pem'), join(directory, 'ca.key')];
  const [certificate, key, ...issued] = await Promise.all(
    [certificateFile, keyFile, join(directory, 'server.key'), join(directory, 'server.pem')].map(readIfThere),
  );
  const cure = 'restore both from their backup, or remove both to get a new CA, which all clients must then trust.';
  if (certificate !== undefined) {
    throw new StartRefused(
      `the private CA's key ${keyFile} is missing or does not belong to ${certificateFile}; ${cure}`,
    );
  }
  if (key !== undefined && issued.some((file) => file !== undefined))
    throw new StartRefused(`the private CA's certificate ${certificateFile} is missing beside its key; ${cure}`);
  const ca = await createCa(wall, key);
  await writePair(directory, 'ca', ca);
  return { ...ca, fresh: ca.key !== key };
}

async function operatorsPair(certificateFile: string, keyFile: string): Promise<ServerTls> {
  const certificate = await readOwn(certificateFile, 'tls.certificateFile');
  const key = await readOwn(keyFile, 'tls.keyFile');
  if (!belongTogether({ certificate, key }))
    throw new StartRefused(`${keyFile} is not the key of the certificate in ${certificateFile}; check both files.`);
  return { certificate, key, caFile: undefined, ends: endOf(certificate), newCa: false };
}

/** Written beside and renamed. A crash between key and certificate leaves two that do not fit, which counts as none. */
async function writeFileSafely(path: string, text: string, mode: number): Promise<void> {
  const temporary = `${path}.new`;
  const file = await open(temporary, 'w', mode);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}

async function writePair(directory: string, name: string, pair: KeyedCertificate): Promise<void> {
  await writeFileSafely(join(directory, `${name}.key`), pair.key, 0o600);
  await writeFileSafely(join(directory, `${name}.pem`), pair.certificate, 0o644);
}

/**
 * The certificate of this server: the operator's, or one by the deployment's private CA, made at first start and
 * renewed when it ends within 30 days or the names have changed.
 */
export async function serverTls(config: Config, wall: Date): Promise<ServerTls> {
  const { certificateFile, keyFile } = config.tls;
  if (certificateFile !== undefined && keyFile !== undefined) return operatorsPair(certificateFile, keyFile);
  const directory = join(config.dataDir, 'tls');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const ca = await privateCa(directory, wall);
  const names = certificateNames(config);
  let server = await readPair(directory, 'server');
  if (server === undefined || !serves(server, ca, names, wall)) {
    server = await issueServerCertificate(ca, names, wall);
    await writePair(directory, 'server', server);
  }
  return {
    certificate: server.certificate + ca.certificate,
    key: server.key,
    caFile: join(directory, 'ca.pem'),
    ends: endOf(server.certificate),
    newCa: ca.fresh,
  };
}

function serves(
  { certificate }: KeyedCertificate,
  ca: KeyedCertificate,
  names: readonly string[],
  wall: Date,
): boolean {
  const covered = namesOf(certificate);
  return (
    isIssuedBy(certificate, ca) &&
    names.every((name) => covered.includes(name)) &&
    endOf(certificate).getTime() - wall.getTime() > RENEW_DAYS * DAY_MS
  );
}
