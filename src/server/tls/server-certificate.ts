import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { DAY_MS } from '../../core/time.ts';
import { PRODUCTS } from '../../domain/products.ts';
import type { Config } from '../config/schema.ts';
import { createCa, endOf, issueServerCertificate, type KeyedCertificate, namesOf } from './private-ca.ts';

const RENEW_DAYS = 30;

/** What the HTTPS listeners present, and what clients have to trust. */
export interface ServerTls extends KeyedCertificate {
  /** PEM file of the CA clients must trust; undefined when the operator brought a certificate. */
  readonly caFile: string | undefined;
  readonly ends: Date;
}

/** Every name the certificate covers: the vendor's endpoints of all regions served, loopback, and the configured ones. */
export function certificateNames(config: Config): string[] {
  const hosts = [config.region, ...config.furtherRegions].flatMap((region) => [
    ...Object.values(PRODUCTS).map((product) => product.host(region)),
    `kms-vpc.${region}.aliyuncs.com`,
    `sts.${region}.aliyuncs.com`,
    `sts-vpc.${region}.aliyuncs.com`,
  ]);
  return [...new Set([...hosts, 'localhost', '127.0.0.1', '::1', ...config.tls.names])].sort();
}

async function readPair(directory: string, name: string): Promise<KeyedCertificate | undefined> {
  try {
    const [certificate, key] = await Promise.all([
      readFile(join(directory, `${name}.pem`), 'utf8'),
      readFile(join(directory, `${name}.key`), 'utf8'),
    ]);
    return { certificate, key };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Written beside and renamed, key first, so that a crash leaves either the old pair or a new one that is complete. */
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
  if (certificateFile !== undefined && keyFile !== undefined) {
    const certificate = await readFile(certificateFile, 'utf8');
    return { certificate, key: await readFile(keyFile, 'utf8'), caFile: undefined, ends: endOf(certificate) };
  }
  const directory = join(config.dataDir, 'tls');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  let ca = await readPair(directory, 'ca');
  if (ca === undefined) {
    ca = await createCa(wall);
    await writePair(directory, 'ca', ca);
  }
  const names = certificateNames(config);
  let server = await readPair(directory, 'server');
  const usable =
    server !== undefined &&
    names.every((name) => namesOf(server!.certificate).includes(name)) &&
    endOf(server.certificate).getTime() - wall.getTime() > RENEW_DAYS * DAY_MS;
  if (server === undefined || !usable) {
    server = await issueServerCertificate(ca, names, wall);
    await writePair(directory, 'server', server);
  }
  return {
    certificate: server.certificate + ca.certificate,
    key: server.key,
    caFile: join(directory, 'ca.pem'),
    ends: endOf(server.certificate),
  };
}
