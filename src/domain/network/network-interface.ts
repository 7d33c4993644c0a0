import type { Collection } from '../storage.ts';
import type { ResourceTag } from './resource-tag.ts';

export const MAX_GROUPS_PER_INTERFACE = 5;

/** Who uses an interface: another account's instance, let in by an {@link InterfacePermission}. */
export interface InterfaceAttachment {
  readonly accountId: string;
  /** The instance it is attached to. */
  readonly instanceId: string;
}

/** An elastic network interface (ENI): an address in a vSwitch, guarded by security groups. */
export interface NetworkInterfaceRecord {
  readonly networkInterfaceId: string;
  readonly vpcId: string;
  readonly vSwitchId: string;
  readonly zoneId: string;
  readonly privateIp: string;
  readonly mac: string;
  /** 1 to {@link MAX_GROUPS_PER_INTERFACE}, all of the interface's VPC and of one type. */
  readonly securityGroupIds: readonly string[];
  readonly name: string;
  readonly description: string;
  /** Kept for the answers: instances of services are never released, only interfaces detached. */
  readonly deleteOnRelease: boolean;
  readonly createdAt: number;
  readonly tags: readonly ResourceTag[];
  /** Present exactly while the interface is `InUse`. */
  readonly attachment?: InterfaceAttachment;
}

export type InterfaceStatus = 'Available' | 'InUse';

export function interfaceStatus(record: NetworkInterfaceRecord): InterfaceStatus {
  return record.attachment === undefined ? 'Available' : 'InUse';
}

export const NETWORK_INTERFACES: Collection<NetworkInterfaceRecord> = {
  kind: 'network.interface',
  group: 'network',
  schema: 1,
  id: (record) => record.networkInterfaceId,
  indexes: {
    vpc: (record) => record.vpcId,
    vSwitch: (record) => record.vSwitchId,
    group: (record) => record.securityGroupIds,
  },
};

/** Lets another account attach an interface to an instance of its own. Granted as soon as it is made. */
export interface InterfacePermission {
  readonly permissionId: string;
  readonly networkInterfaceId: string;
  /** The account that is let in. */
  readonly accountId: string;
  readonly permission: 'InstanceAttach';
  readonly createdAt: number;
}

export const INTERFACE_PERMISSIONS: Collection<InterfacePermission> = {
  kind: 'network.interface-permission',
  group: 'network',
  schema: 1,
  id: (record) => record.permissionId,
  unique: { grant: (record) => permissionGrant(record.networkInterfaceId, record.accountId) },
  indexes: { interface: (record) => record.networkInterfaceId },
};

/** Value of the unique index `grant`: one interface lets one account in once. */
export function permissionGrant(networkInterfaceId: string, accountId: string): string {
  return `${networkInterfaceId}/${accountId}`;
}
