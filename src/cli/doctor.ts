import { ServiceClock } from '../server/clock.ts';
import { loadConfig } from '../server/config/load.ts';
import type { Config } from '../server/config/schema.ts';
import type { Finding } from '../server/doctor/check.ts';
import { examine } from '../server/doctor/doctor.ts';
import { readInstanceFile } from '../server/instance-file.ts';
import { createLog } from '../server/log.ts';
import { deviceConfigs, storageOptions, unwrappersOf } from '../server/parts.ts';
import { systemRandom } from '../server/system-random.ts';
import { localEndpoint, localRequest } from './local-request.ts';
import { options } from './options.ts';

/** Asks the running server to look at itself; undefined when none runs. */
async function askServer(config: Config): Promise<Finding[] | undefined> {
  const instance = await readInstanceFile(config.dataDir);
  const endpoint = localEndpoint(instance?.endpoints ?? []);
  if (instance === undefined || endpoint === undefined) return undefined;
  const answer = await localRequest(`${endpoint}/-/doctor`, instance.caFile);
  return answer?.status === 200 ? (JSON.parse(answer.body) as Finding[]) : undefined;
}

/** Opens what a server would open, looks, and closes it again. */
async function examineStopped(config: Config): Promise<Finding[]> {
  const { openStorage } = await import('../storage/open.ts');
  const { openRoot } = await import('../seal/root.ts');
  const { createSealer } = await import('../seal/sealer.ts');
  const { openHsmDevices } = await import('../hsm/devices.ts');
  const clock = new ServiceClock();
  const where = await storageOptions(config, () => clock.wall());
  const storage = await openStorage(where);
  try {
    await clock.load(storage);
    const root = await openRoot(storage, unwrappersOf(config), systemRandom, false).catch(() => undefined);
    const devices =
      root === undefined
        ? undefined
        : await openHsmDevices({
            dataDir: config.dataDir,
            devices: deviceConfigs(config),
            sealer: createSealer(root, systemRandom),
            random: systemRandom,
            log: createLog('error'),
          });
    try {
      return await examine({ config, storage, storageOptions: where, clock, devices, serving: false });
    } finally {
      await devices?.close();
    }
  } finally {
    await storage.close();
  }
}

const SIGN: Readonly<Record<Finding['state'], string>> = { ok: 'ok     ', warning: 'WARNING', problem: 'PROBLEM' };

/** `coffer doctor`: 0 when nothing is wrong, 1 when something needs mending. */
export async function run(args: readonly string[]): Promise<number> {
  const values = options(args, { config: { type: 'string' }, json: { type: 'boolean' } });
  const config = await loadConfig(values.config, process.cwd());
  const findings = (await askServer(config)) ?? (await examineStopped(config));
  if (values.json) {
    process.stdout.write(`${JSON.stringify(findings)}\n`);
  } else {
    for (const finding of findings) {
      process.stdout.write(`${SIGN[finding.state]} ${finding.what}: ${finding.detail}\n`);
      if (finding.advice !== '') process.stdout.write(`        -> ${finding.advice}\n`);
    }
  }
  return findings.some((finding) => finding.state === 'problem') ? 1 : 0;
}
