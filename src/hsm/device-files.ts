import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ForOperators } from '../core/for-operators.ts';

/** What Coffer keeps about one HSM, in `device.json` of the device's directory. */
export interface DeviceRecord {
  readonly schema: 1;
  readonly deviceId: string;
  /** Name of the configured model. */
  readonly model: string;
  readonly vendor: string;
  readonly label: string;
  /** Present while the HSM is initialised. The officer's PIN is absent where the operator keeps it. */
  readonly pins?: { readonly user: string; readonly officer?: string };
  /** Present while the HSM is a member of a cluster. Bytes in base64, the id in hex. */
  readonly cluster?: ClusterRecord;
  /** Being cloned for a cluster, or cloned and not yet known to be a member of it. */
  readonly joining?: true;
  /**
   * Present from before a wipe begins until the token is known to be blank: it may still hold everything. With the
   * sealed officer's PIN, which the wipe needs, unless the operator keeps it.
   */
  readonly wiping?: { readonly officer?: string };
}

export interface ClusterRecord {
  readonly clusterId: string;
  readonly spki: string;
  readonly certificates?: {
    readonly owner: string;
    readonly ownerSubject: string;
    readonly cluster: string;
    readonly clusterSubject: string;
  };
}

/** A user of the HSM as its appliance keeps it. The password only as a salted scrypt hash. */
export interface UserRecord {
  readonly name: string;
  readonly salt: string;
  readonly hash: string;
  /** scrypt's cost, block size, parallelism. */
  readonly scrypt: readonly [n: number, r: number, p: number];
  /** Wrong passwords in a row. */
  readonly failures: number;
}

/** A file of an HSM's directory is missing or damaged, while the HSM itself may be whole. */
export class DeviceFilesDamaged extends Error implements ForOperators {
  readonly forOperators = true;

  constructor(path: string) {
    super(
      `${path} is missing or damaged, and what is beside it may be an HSM with the only copy of its keys; restore the file from its backup. Only when the HSM is empty or lost for good, move its directory away.`,
    );
    this.name = 'DeviceFilesDamaged';
  }
}

const DEVICE = 'device.json';
const USERS = 'users.json';
const DEVICE_ID = /^hsmdev-[a-z0-9]{16}$/;

/** Directories of devices, and the records in them. Every write is complete or has not happened. */
export class DeviceFiles {
  readonly #root: string;

  constructor(dataDir: string) {
    this.#root = join(dataDir, 'hsm');
  }

  directory(deviceId: string): string {
    if (!DEVICE_ID.test(deviceId)) throw new Error('not a device id');
    return join(this.#root, deviceId);
  }

  /** All devices on disk. Throws with the file's name when one cannot be read. */
  async all(): Promise<DeviceRecord[]> {
    await mkdir(this.#root, { recursive: true, mode: 0o700 });
    const records: DeviceRecord[] = [];
    for (const name of (await readdir(this.#root)).sort()) {
      if (!DEVICE_ID.test(name)) continue;
      const directory = join(this.#root, name);
      const record = await readJson<DeviceRecord>(join(directory, DEVICE));
      if (record === undefined) await sweep(directory);
      else if (record.schema !== 1 || record.deviceId !== name) throw new DeviceFilesDamaged(join(directory, DEVICE));
      else records.push(record);
    }
    return records;
  }

  async create(record: DeviceRecord): Promise<void> {
    await mkdir(this.directory(record.deviceId), { recursive: true, mode: 0o700 });
    await this.save(record);
  }

  async save(record: DeviceRecord): Promise<void> {
    await writeJson(this.directory(record.deviceId), DEVICE, record);
  }

  async remove(deviceId: string): Promise<void> {
    await rm(this.directory(deviceId), { recursive: true, force: true });
  }

  async users(deviceId: string): Promise<UserRecord[]> {
    return (await readJson<UserRecord[]>(join(this.directory(deviceId), USERS))) ?? [];
  }

  async saveUsers(deviceId: string, users: readonly UserRecord[]): Promise<void> {
    await writeJson(this.directory(deviceId), USERS, users);
  }
}

/**
 * Removes a directory that was never handed out, because a crash came before its record was written. Whatever else is
 * in it may be a token with the only copy of a cluster's key: nothing of that is ever removed for want of a record.
 */
async function sweep(directory: string): Promise<void> {
  const names = await readdir(directory);
  if (names.some((name) => !name.startsWith(`.${DEVICE}.`))) throw new DeviceFilesDamaged(join(directory, DEVICE));
  for (const name of names) await rm(join(directory, name), { force: true });
  await rmdir(directory);
}

async function readJson<T>(path: string): Promise<T | undefined> {
  let content: string;
  try {
    content = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return JSON.parse(content) as T;
  } catch {
    throw new DeviceFilesDamaged(path);
  }
}

async function writeJson(directory: string, name: string, value: unknown): Promise<void> {
  const temporary = join(directory, `.${name}.${randomBytes(6).toString('hex')}`);
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(value, undefined, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, join(directory, name));
  const parent = await open(directory, 'r');
  try {
    await parent.sync();
  } finally {
    await parent.close();
  }
}
