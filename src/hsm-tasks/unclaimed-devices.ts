import type { HsmDevices } from '../domain/hsm-devices.ts';
import { HsmError } from '../domain/hsm-errors.ts';
import { HSM_INSTANCES } from '../domain/hsm-service/instance.ts';
import type { Storage } from '../domain/storage.ts';

/**
 * Gives back HSMs that were handed out, that no record names and that hold nothing or were being wiped: a crash came between
 * taking or giving one back and committing it. An HSM with a token in it is never touched, whatever the database says: that may be an old copy. To be
 * called at start, before requests are served. Returns the ids of the HSMs given back.
 */
export async function releaseUnclaimedDevices(devices: HsmDevices, storage: Storage): Promise<string[]> {
  const known = new Set(
    (await storage.reader.everywhere(HSM_INSTANCES, undefined)).map(({ record }) => record.deviceId),
  );
  const unclaimed = devices
    .devices()
    .filter((deviceId) => !known.has(deviceId) && !devices.admin(deviceId).initialised());
  const released: string[] = [];
  for (const deviceId of unclaimed) {
    try {
      await devices.release(deviceId);
      released.push(deviceId);
    } catch (error) {
      // One whose wipe was interrupted needs its machine, which may be away: the next start tries again.
      if (!(error instanceof HsmError)) throw error;
    }
  }
  return released;
}
