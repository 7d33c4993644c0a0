import type { Random } from '../../core/random.ts';
import { declare } from '../../operation/operation.ts';

/** What VPC operations may use besides records. */
export interface VpcPorts {
  readonly random: Random;
  /** Regions this deployment serves. */
  readonly regions: readonly string[];
}

export const { reads, writes } = declare<VpcPorts>();
