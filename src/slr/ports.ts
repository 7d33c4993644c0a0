import type { Random } from '../core/random.ts';
import { declare } from '../operation/operation.ts';

/** What the operations on service-linked roles may use; part of the ports of each product that serves them. */
export interface LinkedRolePorts {
  readonly random: Random;
}

export const { reads, writes } = declare<LinkedRolePorts>();

/** The products under which the vendor publishes these operations, with the same models. */
export type LinkedRoleProduct = 'Ram' | 'ResourceManager';
