import { execFileSync } from 'node:child_process';
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '../../src/core/secret.ts';
import type { ClusterCertificates, HsmDevices, HsmLink } from '../../src/domain/hsm-devices.ts';
import { HsmError, type HsmErrorCode } from '../../src/domain/hsm-errors.ts';
import type { Sealer } from '../../src/domain/seal.ts';
import { openHsmDevices } from '../../src/hsm/devices.ts';
import type { HsmLimits, HsmLog } from '../../src/hsm/options.ts';
import type { DeviceConfig } from '../../src/hsm/vendors/profile.ts';

export const SOFTHSM = '/usr/lib/softhsm/libsofthsm2.so';
export const PASSWORD = 'Correct-Horse-1';

/** AES-GCM under a key of the test's own, bound as the port asks. */
export function testSealer(key: Buffer = randomBytes(32)): Sealer {
  return {
    seal(binding, secret) {
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(binding));
      return Buffer.concat([iv, cipher.update(secret.reveal()), cipher.final(), cipher.getAuthTag()]).toString(
        'base64',
      );
    },
    open(binding, sealed) {
      const bytes = Buffer.from(sealed, 'base64');
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12)).setAAD(Buffer.from(binding));
      decipher.setAuthTag(bytes.subarray(-16));
      return new Secret(Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]));
    },
  };
}

/** A data directory and the HSMs in it; can be reopened, as after a restart of Coffer. */
export interface Rig {
  readonly directory: string;
  readonly lines: string[];
  devices: HsmDevices;
  /** With other models when given. */
  reopen(devices?: DeviceConfig[]): Promise<HsmDevices>;
  close(): Promise<void>;
}

export async function openRig(
  options: { devices?: DeviceConfig[]; limits?: Partial<HsmLimits>; sealer?: Sealer } = {},
): Promise<Rig> {
  if (!existsSync(SOFTHSM)) throw new Error('these tests need SoftHSM2: apt-get install softhsm2');
  const directory = await mkdtemp(join(tmpdir(), 'coffer-hsm-'));
  const lines: string[] = [];
  const note = (fields: object, message: string): void => {
    lines.push(`${message} ${JSON.stringify(fields)}`);
  };
  const log: HsmLog = { error: note, warn: note, info: note };
  const sealer = options.sealer ?? testSealer();
  const pool: DeviceConfig = { name: 'soft', vendor: 'softhsm2', library: SOFTHSM, count: 8 };
  const open = (devices: DeviceConfig[] = options.devices ?? [pool]): Promise<HsmDevices> =>
    openHsmDevices({
      dataDir: directory,
      devices,
      sealer,
      random: { bytes: (count) => randomBytes(count) },
      log,
      limits: { callTimeoutMs: 5_000, ...options.limits },
    });
  const rig: Rig = {
    directory,
    lines,
    devices: await open().catch(async (error: unknown) => {
      await rm(directory, { recursive: true, force: true });
      throw error;
    }),
    async reopen(models) {
      await rig.devices.close();
      rig.devices = await open(models);
      return rig.devices;
    },
    async close() {
      await rig.devices.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
  return rig;
}

/** A new HSM that is the first member of a new cluster, with kmsuser. */
export async function firstMember(devices: HsmDevices, model = 'soft'): Promise<string> {
  const { deviceId } = await devices.provision(model);
  const admin = devices.admin(deviceId);
  await admin.initialise();
  await admin.setUserPassword('kmsuser', Secret.ofText(PASSWORD));
  await admin.createClusterIdentity();
  return deviceId;
}

/** A new HSM that joined the cluster of `member`. */
export async function joinedMember(devices: HsmDevices, member: string, model = 'soft'): Promise<string> {
  const { deviceId } = await devices.provision(model);
  const admin = devices.admin(deviceId);
  await admin.initialise();
  const clone = await devices.admin(member).cloneFor(await admin.prepareJoin());
  await admin.completeJoin(clone);
  return deviceId;
}

/** A link logged in as kmsuser. */
export async function loggedIn(devices: HsmDevices, deviceId: string): Promise<HsmLink> {
  const link = await devices.dial(deviceId, 10_000);
  await link.login('kmsuser', Secret.ofText(PASSWORD));
  return link;
}

/** The code an HSM call was refused with; throws when it was not, or with something else. */
export async function refusedWith(call: Promise<unknown>): Promise<HsmErrorCode> {
  try {
    await call;
  } catch (error) {
    if (error instanceof HsmError) return error.code;
    throw error;
  }
  throw new Error('the call was not refused');
}

/** Signs a certificate request with a new owner certificate, as a customer does with openssl. */
export async function signByOwner(directory: string, csr: string): Promise<ClusterCertificates> {
  const at = (name: string): string => join(directory, name);
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { stdio: 'pipe' });
  };
  await writeFile(at('cluster.csr'), csr);
  openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '3652',
    '-subj',
    '/O=Customer/CN=issuer',
    '-keyout',
    at('issuer.key'),
    '-out',
    at('issuer.crt'),
  );
  openssl(
    'x509',
    '-req',
    '-in',
    at('cluster.csr'),
    '-days',
    '3652',
    '-CA',
    at('issuer.crt'),
    '-CAkey',
    at('issuer.key'),
    '-CAcreateserial',
    '-out',
    at('cluster.crt'),
  );
  const der = (name: string): Buffer => execFileSync('openssl', ['x509', '-in', at(name), '-outform', 'DER']);
  return { owner: der('issuer.crt'), cluster: der('cluster.crt') };
}
