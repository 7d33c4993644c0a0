import type { Random } from '../../core/random.ts';
import { declare } from '../../operation/operation.ts';
import type { PlacePorts } from '../../places/ports.ts';

/** What ECS operations may use besides records. */
export interface EcsPorts extends PlacePorts {
  readonly random: Random;
}

export const { reads, writes } = declare<EcsPorts>();
