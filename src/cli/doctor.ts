import { existsSync } from 'node:fs';
import { isForOperators } from '../core/for-operators.ts';
import type { Secret } from '../core/secret.ts';
import type { HsmDevices } from '../domain/hsm-devices.ts';
import { ServiceClock } from '../server/clock.ts';
import { loadConfig } from '../server/config/load.ts';
import type { Config } from '../server/config/schema.ts';
import { whyUnreadable } from '../server/data-directory.ts';
import { type Finding, problem } from '../server/doctor/check.ts';
import { examine } from '../server/doctor/doctor.ts';
import { createLog } from '../server/log.ts';
import { forgottenDevices } from '../server/lost-devices.ts';
import { deviceConfigs, storageOptions, unwrappersOf } from '../server/parts.ts';
import { systemRandom } from '../server/system-random.ts';
import { options } from './options.ts';
import { runningServer } from './running-server.ts';

/** A check of a large database takes its time. */
const EXAMINATION_MS = 120_000;

/** Asks the running server to look at itself; undefined when none runs. */
async function askServer(config: Config): Promise<Finding[] | undefined> {
  const server = await runningServer(config);
  if (server === undefined) return undefined;
  const answer = await server.page('/-/doctor', EXAMINATION_MS);
  if (answer?.status === 200) return JSON.parse(answer.body) as Finding[];
  return [
    problem('server', `process ${server.instance.pid} runs, but does not say how it fares`, 'See its log; restart it.'),
  ];
}

/** The HSMs, where the root key opens and their files are whole; else what is wrong with these. */
async function openedDevices(
  config: Config,
  root: Secret | undefined,
): Promise<{ readonly devices: HsmDevices | undefined; readonly trouble: Finding[] }> {
  if (root === undefined) return { devices: undefined, trouble: [] };
  const { createSealer } = await import('../seal/sealer.ts');
  const { openHsmDevices } = await import('../hsm/devices.ts');
  try {
    const devices = await openHsmDevices({
      dataDir: config.dataDir,
      devices: deviceConfigs(config),
      sealer: createSealer(root, systemRandom),
      random: systemRandom,
      log: createLog('error'),
    });
    return { devices, trouble: [] };
  } catch (error) {
    if (!isForOperators(error)) throw error;
    return { devices: undefined, trouble: [problem('HSMs', error.message, 'Mend what the message names.')] };
  }
}

/** Opens what a server would open, looks, and closes it again. */
async function examineStopped(config: Config): Promise<Finding[]> {
  if (!existsSync(config.dataDir))
    return [problem('data directory', `${config.dataDir} does not exist`, 'Start the server once: coffer serve')];
  const { openStorage } = await import('../storage/open.ts');
  const { unlockRoot } = await import('../seal/root.ts');
  const clock = new ServiceClock();
  const where = await storageOptions(config, () => clock.wall());
  // Opening would make an empty one: a look must not leave anything.
  if (where.kind === 'sqlite' && !existsSync(where.directory)) {
    const used = await forgottenDevices(config);
    const advice = used === undefined ? 'Start the server once: coffer serve' : 'Restore it from its backup.';
    return [problem('database', `${where.directory} does not exist`, advice)];
  }
  let storage: Awaited<ReturnType<typeof openStorage>>;
  try {
    storage = await openStorage({ ...where, upgrade: false });
  } catch (error) {
    return [problem('database', (error as Error).message, 'Mend what the message names, then look again.')];
  }
  try {
    await clock.load(storage);
    const root = await unlockRoot(storage, unwrappersOf(config)).catch(() => undefined);
    const { devices, trouble } = await openedDevices(config, root);
    try {
      const patient = { config, storage, storageOptions: where, clock, devices, serving: false };
      return [...trouble, ...(await examine(patient))];
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
  const unreadable = await whyUnreadable(config.dataDir);
  const findings =
    unreadable === undefined
      ? ((await askServer(config)) ?? (await examineStopped(config)))
      : [problem('data directory', unreadable, "Run this as the server's user.")];
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
