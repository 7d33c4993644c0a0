import type { Random } from '../../core/random.ts';
import type { KeyBackends } from '../../domain/kms/backend.ts';
import type { MessageLedger } from '../../domain/kms/message-limit.ts';
import type { NetworkFabric } from '../../domain/network/fabric.ts';
import type { Sealer } from '../../domain/seal.ts';
import type { Reader } from '../../domain/storage.ts';
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
  /** The network as the account of KMS itself is plugged into it. */
  readonly fabric: NetworkFabric;
  /** Whether the account has the service-linked role, as the reader sees it. */
  readonly linkedRoleExists: (account: string, roleName: string, read: Reader) => Promise<boolean>;
  readonly quotas: KmsQuotas;
  /** Keeps key versions within the number of messages that random IVs allow. */
  readonly messages: MessageLedger;
  /** Regions this deployment serves. */
  readonly regions: readonly string[];
}

export const { reads, writes } = declare<KmsPorts>();
