import type { HsmDevices } from '../domain/hsm-devices.ts';
import { HSM_INSTANCES } from '../domain/hsm-service/instance.ts';
import type { Storage } from '../domain/storage.ts';

/** An HSM that a record names and that this node knows nothing of. */
export interface AbsentDevice {
  readonly deviceId: string;
  readonly instanceId: string;
  readonly model: string;
}

/**
 * HSMs of this node that hold something and that no record names: the database is an older copy than they are. They are
 * kept, as what is in them may be the only copy of a cluster's key.
 */
export async function strayDevices(devices: HsmDevices, storage: Storage): Promise<readonly string[]> {
  const known = new Set(
    (await storage.reader.everywhere(HSM_INSTANCES, undefined)).map(({ record }) => record.deviceId),
  );
  return devices.devices().filter((deviceId) => !known.has(deviceId) && devices.admin(deviceId).initialised());
}

/**
 * HSMs of records whose directories are not in this node's data directory: another node has them, or they were not
 * restored. Those that are being given back do not count.
 */
export async function absentDevices(devices: HsmDevices, storage: Storage): Promise<AbsentDevice[]> {
  const here = new Set([...devices.devices(), ...devices.unconfigured().map(({ deviceId }) => deviceId)]);
  const records = (await storage.reader.everywhere(HSM_INSTANCES, undefined)).map(({ record }) => record);
  return records
    .filter((hsm) => hsm.state !== 'INVALID' && !here.has(hsm.deviceId))
    .map(({ deviceId, instanceId, model }) => ({ deviceId, instanceId, model }));
}
