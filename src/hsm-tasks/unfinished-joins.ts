import type { HsmDevices } from '../domain/hsm-devices.ts';
import { HsmError } from '../domain/hsm-errors.ts';
import { HSM_INSTANCES } from '../domain/hsm-service/instance.ts';
import type { Storage } from '../domain/storage.ts';

/** An HSM whose joining a cluster was interrupted, and what has become of it. */
export interface SettledJoin {
  readonly deviceId: string;
  readonly outcome: 'member' | 'wiped' | 'not-wiped';
}

/**
 * Settles what a crash left between copying a cluster into an HSM and committing that it is a member: it is one, or it
 * keeps nothing of the cluster. Touches only HSMs that were joining, whatever the database says of others: that may be
 * an old copy. To be called at start, before requests are served. What cannot be wiped now is settled at the next start;
 * until then it is as good as empty, since no link is opened to an HSM outside a cluster and each use begins with a wipe.
 */
export async function settleUnfinishedJoins(devices: HsmDevices, storage: Storage): Promise<SettledJoin[]> {
  const joining = devices.devices().filter((deviceId) => devices.admin(deviceId).joining());
  if (joining.length === 0) return [];
  const records = (await storage.reader.everywhere(HSM_INSTANCES, undefined)).map(({ record }) => record);
  const settled: SettledJoin[] = [];
  for (const deviceId of joining) {
    const hsm = records.find((record) => record.deviceId === deviceId);
    if (hsm === undefined) continue;
    const admin = devices.admin(deviceId);
    if (hsm.clusterId !== undefined) {
      await admin.confirmJoin();
      settled.push({ deviceId, outcome: 'member' });
      continue;
    }
    const wiped = await succeeds(admin.zeroise());
    settled.push({ deviceId, outcome: wiped ? 'wiped' : 'not-wiped' });
  }
  return settled;
}

async function succeeds(work: Promise<void>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (error instanceof HsmError) return false;
    throw error;
  }
}
