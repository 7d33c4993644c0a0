/**
 * AES-GCM of 32 bytes in a SoftHSM token: over a link (child process, frames, one call a promise) against the same
 * token driven directly from this process. About 15 s. `node bench/hsm.ts [--save]` prints JSON; `--save` also writes
 * bench/results/hsm.json.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import pkcs11 from 'pkcs11js';
import { Secret } from '../src/core/secret.ts';
import type { HsmLink } from '../src/domain/hsm-devices.ts';
import { openHsmDevices } from '../src/hsm/devices.ts';

const LIBRARY = '/usr/lib/softhsm/libsofthsm2.so';
const ROUNDS = 3;
const ROUND_MS = 700;
const CALLERS = [1, 8, 64];
const IV = randomBytes(12);
const AAD = Buffer.from('bench');
const PLAINTEXT = randomBytes(32);

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

/** Calls per second, and the 50th and 99th percentile of a call in microseconds, with so many callers at once. */
async function overLink(link: HsmLink, blob: Uint8Array, callers: number) {
  const latencies: number[] = [];
  const begin = performance.now();
  const end = begin + ROUND_MS;
  const caller = async (): Promise<void> => {
    for (let before = performance.now(); before < end; ) {
      await link.aesGcmEncrypt(blob, IV, AAD, PLAINTEXT);
      const now = performance.now();
      latencies.push(now - before);
      before = now;
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  const seconds = (performance.now() - begin) / 1_000;
  const sorted = Float64Array.from(latencies).sort();
  const at = (share: number): number => Math.round((sorted[Math.floor(sorted.length * share)] ?? 0) * 1_000);
  return { perSecond: Math.round(latencies.length / seconds), p50: at(0.5), p99: at(0.99) };
}

/** The token's own key, on a session of this process, synchronously: what there is to be had at most. */
function openDirect(configuration: string, label: string, pin: string): () => number {
  process.env.SOFTHSM2_CONF = configuration;
  const module = new pkcs11.PKCS11();
  module.load(LIBRARY);
  module.C_Initialize({ flags: pkcs11.CKF_OS_LOCKING_OK });
  const slot = module.C_GetSlotList(true).find((one) => module.C_GetTokenInfo(one).label.trim() === label);
  if (slot === undefined) throw new Error('the token is not there');
  const session = module.C_OpenSession(slot, pkcs11.CKF_SERIAL_SESSION | pkcs11.CKF_RW_SESSION);
  module.C_Login(session, pkcs11.CKU_USER, pin);
  const key = module.C_GenerateKey(session, { mechanism: pkcs11.CKM_AES_KEY_GEN }, [
    { type: pkcs11.CKA_VALUE_LEN, value: 32 },
    { type: pkcs11.CKA_TOKEN, value: false },
    { type: pkcs11.CKA_ENCRYPT, value: true },
  ]);
  const parameter = { type: pkcs11.CK_PARAMS_AES_GCM_v240, iv: IV, ivBits: 96, aad: AAD, tagBits: 128 };
  return () => {
    const begin = performance.now();
    let calls = 0;
    while (performance.now() - begin < ROUND_MS) {
      for (let inner = 0; inner < 50; inner += 1) {
        module.C_EncryptInit(session, { mechanism: pkcs11.CKM_AES_GCM, parameter }, key);
        module.C_Encrypt(session, PLAINTEXT, Buffer.alloc(48));
        calls += 1;
      }
    }
    return Math.round(calls / ((performance.now() - begin) / 1_000));
  };
}

const directory = await mkdtemp(join(tmpdir(), 'coffer-bench-'));
const pins = new Map<string, string>();
const quiet = (): void => {};
const devices = await openHsmDevices({
  dataDir: directory,
  devices: [{ name: 'bench', vendor: 'softhsm2', library: LIBRARY, count: 1 }],
  // The bench needs the PIN to open the same token itself; no server would keep it so.
  sealer: {
    seal: (binding, secret) => {
      pins.set(binding, secret.revealText());
      return binding;
    },
    open: (_binding, sealed) => Secret.ofText(pins.get(sealed) ?? ''),
  },
  random: { bytes: (count) => randomBytes(count) },
  log: { error: console.error, warn: console.error, info: quiet },
});
try {
  const { deviceId } = await devices.provision('bench');
  const admin = devices.admin(deviceId);
  await admin.initialise();
  await admin.createClusterIdentity();
  await admin.setUserPassword('kmsuser', Secret.ofText('bench-password'));
  const link = await devices.dial(deviceId, 10_000);
  await link.login('kmsuser', Secret.ofText('bench-password'));
  const { blob } = await link.generateKey({ kind: 'aes', bits: 256 });
  const pin = pins.get(`hsm/${deviceId}/user`) ?? '';
  const direct = openDirect(join(directory, 'hsm', deviceId, 'softhsm2.conf'), deviceId, pin);

  direct();
  await overLink(link, blob, 64);
  const directRates: number[] = [];
  const rounds = new Map(CALLERS.map((callers) => [callers, [] as Awaited<ReturnType<typeof overLink>>[]]));
  for (let round = 0; round < ROUNDS; round += 1) {
    directRates.push(direct());
    for (const callers of CALLERS) rounds.get(callers)!.push(await overLink(link, blob, callers));
  }
  const perSecond = median(directRates);
  const result = {
    what: 'AES-256-GCM encrypt, 32 bytes, one SoftHSM2 token, calls per second; microseconds for percentiles',
    node: process.version,
    cpu: cpus()[0]?.model.trim(),
    cores: cpus().length,
    direct: { perSecond },
    link: CALLERS.map((callers) => {
      const all = rounds.get(callers)!;
      const rate = median(all.map((one) => one.perSecond));
      return {
        callers,
        perSecond: rate,
        ofDirect: Math.round((100 * rate) / perSecond) / 100,
        p50Us: median(all.map((one) => one.p50)),
        p99Us: median(all.map((one) => one.p99)),
      };
    }),
  };
  const text = `${JSON.stringify(result, undefined, 2)}\n`;
  process.stdout.write(text);
  if (process.argv.includes('--save')) {
    const results = join(import.meta.dirname, 'results');
    await mkdir(results, { recursive: true });
    await writeFile(join(results, 'hsm.json'), text);
  }
} finally {
  await devices.close();
  await rm(directory, { recursive: true, force: true });
}
