import type { Random } from '../core/random.ts';
import type { Clock } from '../core/time.ts';
import type { AuditEvent } from '../domain/audit.ts';
import { HSM_CLUSTERS } from '../domain/hsm-service/cluster.ts';
import { HSM_INSTANCES, type HsmInstanceRecord, hsmAddress } from '../domain/hsm-service/instance.ts';
import { AttachRefused, type NetworkFabric, type Path } from '../domain/network/fabric.ts';
import { withAttachment } from '../domain/network/interface-life.ts';
import {
  INTERFACE_PERMISSIONS,
  NETWORK_INTERFACES,
  type NetworkInterfaceRecord,
  permissionGrant,
} from '../domain/network/network-interface.ts';
import { reachable } from '../domain/network/reach.ts';
import { SECURITY_GROUPS, type SecurityGroupRecord } from '../domain/network/security-group.ts';
import { serviceEvent } from '../domain/service-event.ts';
import type { Place, Reader, Storage } from '../domain/storage.ts';

export interface FabricPorts {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly random: Random;
}

interface Near {
  readonly eni: NetworkInterfaceRecord | undefined;
  readonly groups: readonly SecurityGroupRecord[];
}

interface Far {
  readonly hsm: HsmInstanceRecord;
  readonly whitelist: readonly string[];
}

async function near(read: Reader, place: Place, id: string): Promise<Near> {
  const eni = await read.get(NETWORK_INTERFACES, place, id);
  const groups = await Promise.all(
    (eni?.securityGroupIds ?? []).map((groupId) => read.get(SECURITY_GROUPS, place, groupId)),
  );
  return { eni, groups: groups.filter((group) => group !== undefined) };
}

async function far(read: Reader, place: Place, address: string): Promise<Far | undefined> {
  const hsm = await read.find(HSM_INSTANCES, place, 'address', address);
  if (hsm === undefined) return undefined;
  const cluster = hsm.clusterId === undefined ? undefined : await read.get(HSM_CLUSTERS, place, hsm.clusterId);
  return { hsm, whitelist: cluster?.whitelist ?? hsm.whitelist };
}

/** The instance of a service that its interfaces are attached to: one per account of a service. */
function instanceOf(serviceAccount: string): string {
  return `i-service-${serviceAccount}`;
}

/** The wires of the data centre over the records of network and HSM service. */
export function createNetworkFabric({ storage, clock, random }: FabricPorts): NetworkFabric {
  const event = (place: Place, name: string, id: string, serviceAccount: string): AuditEvent =>
    serviceEvent(
      {
        product: 'Ecs',
        name,
        place,
        at: clock.now(),
        service: 'ecs.aliyuncs.com',
        resources: { 'ACS::ECS::NetworkInterface': [id] },
        data: { serviceAccount },
      },
      random,
    );

  return {
    attach: (place, id, serviceAccount) =>
      storage.transaction(async (tx) => {
        const eni = await tx.get(NETWORK_INTERFACES, place, id);
        if (eni === undefined) throw new AttachRefused('NoInterface', id);
        const grant = permissionGrant(id, serviceAccount);
        if ((await tx.find(INTERFACE_PERMISSIONS, place, 'grant', grant)) === undefined) {
          throw new AttachRefused('NotPermitted', id);
        }
        if (eni.attachment?.accountId === serviceAccount) return;
        if (eni.attachment !== undefined) throw new AttachRefused('InUse', id);
        const attachment = { accountId: serviceAccount, instanceId: instanceOf(serviceAccount) };
        await tx.update(NETWORK_INTERFACES, place, withAttachment(eni, attachment));
        await tx.audit(event(place, 'NetworkInterfaceAttached', id, serviceAccount));
      }),

    detach: async (place, id, serviceAccount) => {
      await storage.transaction(async (tx) => {
        const eni = await tx.get(NETWORK_INTERFACES, place, id);
        if (eni?.attachment?.accountId !== serviceAccount) return;
        await tx.update(NETWORK_INTERFACES, place, withAttachment(eni, undefined));
        await tx.audit(event(place, 'NetworkInterfaceDetached', id, serviceAccount));
      });
    },

    path: async (place, { networkInterfaceId, ip, port }): Promise<Path> => {
      const { reader } = storage;
      const here = await reader.memo('network', place.account, `fabric/${place.region}/${networkInterfaceId}`, (read) =>
        near(read, place, networkInterfaceId),
      );
      const address = here.eni === undefined ? undefined : hsmAddress(here.eni.vpcId, ip);
      const there =
        address === undefined
          ? undefined
          : await reader.memo('hsm', place.account, `fabric/${place.region}/${address}`, (read) =>
              far(read, place, address),
            );
      const reach = reachable({
        interface: here.eni,
        groups: here.groups,
        hsm: there && { active: there.hsm.state === 'ACTIVE', whitelist: there.whitelist },
        ip,
        port,
      });
      if (!reach.ok) return reach;
      return { ok: true, instanceId: there!.hsm.instanceId, deviceId: there!.hsm.deviceId };
    },
  };
}
