import type { Random } from '../core/random.ts';
import type { HsmDevices } from '../domain/hsm-devices.ts';
import { HSM_INSTANCES, type HsmInstanceRecord } from '../domain/hsm-service/instance.ts';
import { instanceAfter } from '../domain/hsm-service/instance-states.ts';
import { HSM_WIPE, type HsmWipe } from '../domain/hsm-service/wipe-task.ts';
import { giveBackAddress } from '../domain/network/addresses.ts';
import { serviceEvent } from '../domain/service-event.ts';
import type { Place, Transaction } from '../domain/storage.ts';
import type { TaskHandler } from '../domain/tasks.ts';

export interface WipePorts {
  readonly devices: HsmDevices;
  readonly random: Random;
}

async function wipe(devices: HsmDevices, hsm: HsmInstanceRecord): Promise<void> {
  if (hsm.state === 'INVALID') return devices.release(hsm.deviceId);
  await devices.admin(hsm.deviceId).zeroise();
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
      await wipe(ports.devices, hsm);
      return {
        end: 'done',
        commit: async (tx) => {
          if ((await record(tx, place, instanceId)) === undefined) return;
          const deed = {
            product: 'Hsm',
            name: hsm.state === 'INVALID' ? 'InstanceReleased' : 'InstanceWiped',
            place,
            at: clock.now(),
            service: 'hsm.aliyuncs.com',
            resources: { 'ACS::HSM::Instance': [instanceId] },
            data: {},
          } as const;
          await tx.audit(serviceEvent(deed, ports.random));
        },
      };
    },
  };
}
