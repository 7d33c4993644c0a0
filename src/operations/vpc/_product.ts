import type { Random } from '../../core/random.ts';
import { declare } from '../../operation/operation.ts';
import type { PlacePorts } from '../../places/ports.ts';

/** What VPC operations may use besides records. */
export interface VpcPorts extends PlacePorts {
  readonly random: Random;
}

export const { reads, writes } = declare<VpcPorts>();
