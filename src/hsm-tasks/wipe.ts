import type { Random } from '../core/random.ts';
import { SECOND_MS } from '../core/time.ts';
import type { HsmDevices } from '../domain/hsm-devices.ts';
import type { InstanceClaims } from '../domain/hsm-service/claims.ts';
import { HSM_INSTANCES, type HsmInstanceRecord } from '../domain/hsm-service/instance.ts';
import { instanceAfter } from '../domain/hsm-service/instance-states.ts';
import { HSM_WIPE, type HsmWipe } from '../domain/hsm-service/wipe-task.ts';
import { giveBackAddress } from '../domain/network/addresses.ts';
import { serviceEvent } from '../domain/service-event.ts';
import type { Place, Transaction } from '../domain/storage.ts';
import type { TaskHandler } from '../domain/tasks.ts';

interface WipeLog {
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

export interface WipePorts {
  readonly devices: HsmDevices;
  readonly log: WipeLog;
  readonly random: Random;
  readonly claims: InstanceClaims;
  /** No other node can have an HSM that this one does not have. */
  readonly onlyNode: boolean;
}

/**
 * Wipes the HSM. Throws where this node does not have it, so that the task waits for the node that does. False when no
 * node has it: its directory is lost, and the owner has given it up.
 */
async function wiped({ devices, onlyNode }: WipePorts, { deviceId, state }: HsmInstanceRecord): Promise<boolean> {
  const known = [...devices.devices(), ...devices.unconfigured().map((device) => device.deviceId)].includes(deviceId);
  if (!known && onlyNode && state === 'INVALID') return false;
  await devices.admin(deviceId).zeroise();
  return true;
}

/** Never rejects: the HSM is wiped and its record gone, and what fails here is done at the next start. */
async function giveBack({ devices, log }: WipePorts, { deviceId, instanceId }: HsmInstanceRecord): Promise<void> {
  try {
    await devices.release(deviceId);
  } catch (err) {
    log.error({ deviceId, instanceId, err }, 'a wiped HSM could not be given back; the next start tries again');
  }
}

async function record(tx: Transaction, place: Place, instanceId: string): Promise<HsmInstanceRecord | undefined> {
  const hsm = await tx.get(HSM_INSTANCES, place, instanceId);
  const after = hsm && instanceAfter(hsm.state, 'wiped');
  if (hsm === undefined || after === undefined) return undefined;
  if (after === 'gone') {
    if (hsm.network !== undefined) await giveBackAddress(tx, place, hsm.network.vpcId, hsm.network.ip);
    await tx.remove(HSM_INSTANCES, place, instanceId);
  } else await tx.update(HSM_INSTANCES, place, { ...hsm, state: after, initialised: false, users: [] });
  return hsm;
}

/**
 * Wipes an HSM whose state says so, after that state has been committed: what is destroyed here is not coming back.
 * Tried again until the HSM answers.
 */
export function createHsmWipe(ports: WipePorts): TaskHandler<HsmWipe> {
  return {
    type: HSM_WIPE,
    run: async ({ storage, place, clock }, { instanceId }) => {
      // A place's own state, read past the caches: the task may run on another node than the call.
      const hsm = await storage.transaction((tx) => tx.get(HSM_INSTANCES, place, instanceId));
      if (hsm === undefined || instanceAfter(hsm.state, 'wiped') === undefined) return { end: 'done' };
      const free = ports.claims.take([instanceId]);
      // A call that began before the state was committed still works on it; what it puts in is wiped as well.
      if (free === undefined) return { end: 'again', due: new Date(clock.now().getTime() + SECOND_MS) };
      const done = await wiped(ports, hsm).finally(free);
      return {
        end: 'done',
        commit: async (tx) => {
          // What it is now counts: the owner may have given it back while it was wiped.
          const now = await record(tx, place, instanceId);
          if (now === undefined) return;
          // Not before: a node that finds no device cannot know whether it was wiped.
          if (now.state === 'INVALID' && done) tx.afterCommit(() => void giveBack(ports, now));
          const deed = {
            product: 'Hsm',
            name: now.state === 'INVALID' ? 'InstanceReleased' : 'InstanceWiped',
            place,
            at: clock.now(),
            service: 'hsm.aliyuncs.com',
            resources: { 'ACS::HSM::Instance': [instanceId] },
            data: done ? {} : { Wiped: false, Reason: 'its directory is lost, so nothing could be wiped' },
          } as const;
          await tx.audit(serviceEvent(deed, ports.random));
        },
      };
    },
  };
}
