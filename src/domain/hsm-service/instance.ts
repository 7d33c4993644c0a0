import type { Collection } from '../storage.ts';
import type { InstanceState } from './instance-states.ts';

/** An HSM as its owner sees it: a machine with an address in the owner's VPC. */
export interface HsmInstanceRecord {
  readonly instanceId: string;
  /** Name of the configured device model it was taken from. */
  readonly model: string;
  readonly vendor: string;
  /** Names the machine in the devices' port. */
  readonly deviceId: string;
  readonly serial: string;
  readonly state: InstanceState;
  /** The officer has taken over the HSM (PRECO became CO), or it was cloned from a member: users can be made. */
  readonly initialised: boolean;
  /** Users this service made or cloned; the HSM itself knows passwords and locks. */
  readonly users: readonly string[];
  readonly remark: string;
  /** Absent while `PENDING`. */
  readonly network?: HsmNetwork;
  /** Who may connect; in a cluster the cluster's list counts instead. Addresses and blocks. */
  readonly whitelist: readonly string[];
  readonly clusterId?: string;
  /** Service time, milliseconds. */
  readonly createdAt: number;
}

export interface HsmNetwork {
  readonly vpcId: string;
  readonly vSwitchId: string;
  readonly zoneId: string;
  readonly ip: string;
}

export const HSM_INSTANCES: Collection<HsmInstanceRecord> = {
  kind: 'hsm.instance',
  group: 'hsm',
  schema: 1,
  id: (hsm) => hsm.instanceId,
  unique: {
    address: (hsm) => (hsm.network === undefined ? undefined : hsmAddress(hsm.network.vpcId, hsm.network.ip)),
    device: (hsm) => hsm.deviceId,
  },
  indexes: { cluster: (hsm) => hsm.clusterId },
};

/** Value of the unique index `address`. */
export function hsmAddress(vpcId: string, ip: string): string {
  return `${vpcId}/${ip}`;
}
