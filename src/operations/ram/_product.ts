import type { Random } from '../../core/random.ts';
import type { RamQuotas } from '../../domain/ram/quotas.ts';
import type { Sealer } from '../../domain/seal.ts';
import { declare } from '../../operation/operation.ts';
import type { LinkedRolePorts } from '../../slr/ports.ts';

/** What RAM operations may use besides records. */
export interface RamPorts extends LinkedRolePorts {
  readonly random: Random;
  /** Protects AccessKey secrets. */
  readonly sealer: Sealer;
  readonly quotas: RamQuotas;
}

export const { reads, writes } = declare<RamPorts>();
