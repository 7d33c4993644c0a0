import type { Random } from '../../core/random.ts';
import { declare } from '../../operation/operation.ts';

/** What ECS operations may use besides records. */
export interface EcsPorts {
  readonly random: Random;
  /** Regions this deployment serves. */
  readonly regions: readonly string[];
}

export const { reads, writes } = declare<EcsPorts>();
