/** Turns the configuration into the options of the parts it configures. */
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { DeviceConfig } from '../hsm/vendors/profile.ts';
import { fileUnwrapper } from '../seal/file-unwrapper.ts';
import { sharesUnwrapper } from '../seal/shares-unwrapper.ts';
import type { Unwrapper } from '../seal/unwrapper.ts';
import type { Location, StorageOptions } from '../storage/options.ts';
import type { Config } from './config/schema.ts';
import { readOwn } from './own-file.ts';
import { isPostgresUrl, POSTGRES_URL_FORM } from './postgres-url.ts';
import { StartRefused } from './start-refused.ts';

/** The URL in a file that the server need not own, but that not everybody may read: it holds a password. */
async function readUrl(path: string): Promise<string> {
  const text = (await readOwn(path, 'storage.urlFile')).trim();
  if (((await stat(path)).mode & 0o007) !== 0)
    throw new StartRefused(`${path} holds a password and can be read by everybody; run: chmod o= ${path}`);
  if (!isPostgresUrl(text))
    throw new StartRefused(
      `${path} (storage.urlFile) does not hold the URL of a database; write ${POSTGRES_URL_FORM}.`,
    );
  return text;
}

/** Where the database is; reads the URL's file where there is one. */
export async function storageLocation(config: Config): Promise<Location> {
  if (config.storage.kind === 'sqlite') return { kind: 'sqlite', directory: join(config.dataDir, 'db') };
  const { url, urlFile, poolSize, caFile } = config.storage;
  const text = url ?? (await readUrl(resolve(config.dataDir, urlFile!)));
  return {
    kind: 'postgres',
    url: text,
    poolSize,
    ...(caFile === undefined ? {} : { ssl: { ca: await readOwn(caFile, 'storage.caFile'), rejectUnauthorized: true } }),
  };
}

export function unwrappersOf(config: Config): Unwrapper[] {
  return config.unwrappers.map((entry) =>
    entry.type === 'file'
      ? fileUnwrapper(entry.id, resolve(config.dataDir, entry.path))
      : sharesUnwrapper(
          entry.id,
          entry.files.map((file) => resolve(config.dataDir, file)),
          entry.threshold,
        ),
  );
}

export function deviceConfigs(config: Config): DeviceConfig[] {
  return config.hsms.map((hsm): DeviceConfig => ({ ...hsm }));
}

const TRANSACTION_WAIT_MS = 10_000;

/** The database's options; `report` is told of trouble that no call can be told of. */
export async function storageOptions(
  config: Config,
  wall: () => Date,
  report: (what: string, error: unknown) => void = () => {},
): Promise<StorageOptions> {
  return {
    ...(await storageLocation(config)),
    wall,
    nodeId: `coffer-${process.pid}`,
    transactionWaitMs: TRANSACTION_WAIT_MS,
    recordCacheEntries: config.limits.recordCacheEntries,
    memoCacheEntries: config.limits.memoCacheEntries,
    report,
  };
}
