import type { Collection } from '../storage.ts';
import type { ResourceTag } from './resource-tag.ts';

/** A virtual private cloud: a block of private addresses, cut into vSwitches. */
export interface VpcRecord {
  readonly vpcId: string;
  readonly name: string;
  readonly description: string;
  /** `10.0.0.0/8`; see `block-rules.ts`. */
  readonly cidrBlock: string;
  /** Ids the vendor's answers carry; routing has no rules here: within a VPC everything is connected. */
  readonly vRouterId: string;
  readonly routeTableId: string;
  /** Service time, milliseconds. */
  readonly createdAt: number;
  readonly tags: readonly ResourceTag[];
}

export const VPCS: Collection<VpcRecord> = {
  kind: 'network.vpc',
  group: 'network',
  schema: 1,
  id: (vpc) => vpc.vpcId,
};

/** A part of a VPC's block in one zone. */
export interface VSwitchRecord {
  readonly vSwitchId: string;
  readonly vpcId: string;
  readonly zoneId: string;
  readonly name: string;
  readonly description: string;
  readonly cidrBlock: string;
  readonly routeTableId: string;
  readonly createdAt: number;
  readonly tags: readonly ResourceTag[];
}

export const V_SWITCHES: Collection<VSwitchRecord> = {
  kind: 'network.v-switch',
  group: 'network',
  schema: 1,
  id: (vSwitch) => vSwitch.vSwitchId,
  indexes: { vpc: (vSwitch) => vSwitch.vpcId },
};
