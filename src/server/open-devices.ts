import type { Random } from '../core/random.ts';
import type { HsmDevices } from '../domain/hsm-devices.ts';
import type { Sealer } from '../domain/seal.ts';
import type { Storage } from '../domain/storage.ts';
import { openHsmDevices } from '../hsm/devices.ts';
import { absentDevices } from '../hsm-tasks/absent-devices.ts';
import { releaseUnclaimedDevices } from '../hsm-tasks/unclaimed-devices.ts';
import { settleUnfinishedJoins } from '../hsm-tasks/unfinished-joins.ts';
import type { Log } from '../pipeline/ports.ts';
import type { Config } from './config/schema.ts';
import { checkModules } from './doctor/hsms.ts';
import { judgeAbsent } from './lost-devices.ts';
import { deviceConfigs } from './parts.ts';

export interface DeviceParts {
  readonly storage: Storage;
  readonly sealer: Sealer;
  readonly random: Random;
  readonly log: Log;
}

/** Opens the HSMs of this node. `close` is told how to close them, before anything can fail with them open. */
export async function openDevices(
  config: Config,
  { storage, sealer, random, log }: DeviceParts,
  close: (devices: HsmDevices) => void,
): Promise<HsmDevices> {
  for (const { what, state, detail, advice } of await checkModules(config)) {
    // The default store needs none: it is served all the same.
    if (state === 'problem') log.warn({ what, advice }, detail);
  }
  const devices = await openHsmDevices({
    dataDir: config.dataDir,
    devices: deviceConfigs(config),
    sealer,
    random,
    log,
  });
  close(devices);
  await judgeAbsent(config, await absentDevices(devices, storage), log);
  // What a server that died left in the middle.
  for (const join of await settleUnfinishedJoins(devices, storage)) {
    log.warn({ ...join }, 'an HSM that was joining a cluster when the server ended was looked at');
  }
  for (const deviceId of await releaseUnclaimedDevices(devices, storage)) {
    log.warn({ deviceId }, 'an HSM that no record names was given back');
  }
  return devices;
}
