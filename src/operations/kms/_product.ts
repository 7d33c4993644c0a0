import type { Random } from '../../core/random.ts';
import type { KeyBackends } from '../../domain/kms/backend.ts';
import type { MessageLedger } from '../../domain/kms/message-limit.ts';
import type { Sealer } from '../../domain/seal.ts';
import type { Reader } from '../../domain/storage.ts';
import type { Connections } from '../../keystore/connect/connections.ts';
import { declare } from '../../operation/operation.ts';
import type { ServiceClient } from '../../operation/service-client.ts';

/** How much one account may have in one region. */
export interface KmsQuotas {
  readonly keys: number;
  readonly aliases: number;
  readonly keyStores: number;
}

/** What KMS operations may use besides records. */
export interface KmsPorts {
  readonly random: Random;
  readonly backends: KeyBackends;
  readonly sealer: Sealer;
  /** The one way into other products: their operations, as an assumed role. */
  readonly services: ServiceClient;
  /** Removes what KMS made in the network for a disconnected store: see `Connections` in `src/keystore`. */
  readonly clearAway: Connections['clearAway'];
  /** Whether the account has the service-linked role, as the reader sees it. */
  readonly linkedRoleExists: (account: string, roleName: string, read: Reader) => Promise<boolean>;
  readonly quotas: KmsQuotas;
  /** Keeps key versions within the number of messages that random IVs allow. */
  readonly messages: MessageLedger;
  /** Regions this deployment serves. */
  readonly regions: readonly string[];
}

export const { reads, writes } = declare<KmsPorts>();
