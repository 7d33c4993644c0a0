import type { Random } from '../../core/random.ts';
import type { HsmDevices } from '../../domain/hsm-devices.ts';
import type { InstanceClaims } from '../../domain/hsm-service/claims.ts';
import type { Place, Reader } from '../../domain/storage.ts';
import { declare } from '../../operation/operation.ts';

/** What operations of the HSM service may use besides records. */
export interface HsmPorts {
  readonly random: Random;
  /** The machines. Used for administration only: nobody gets a data-plane link from here. */
  readonly devices: HsmDevices;
  /** Regions this deployment serves. */
  readonly regions: readonly string[];
  /** Whether something works with a cluster just now: a private key store that is connected. */
  readonly clusterInUse: (read: Reader, place: Place, clusterId: string) => Promise<boolean>;
  /** One per process. */
  readonly claims: InstanceClaims;
}

export const { reads, writes } = declare<HsmPorts>();
