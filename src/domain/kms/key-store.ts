import type { Collection } from '../storage.ts';

export type ConnectionState = 'Disconnected' | 'Connecting' | 'Connected' | 'Disconnecting' | 'Failed';

export type ConnectionErrorCode =
  | 'ClusterNotFound'
  | 'ClusterNotInitialized'
  | 'InsufficientHsms'
  | 'InsufficientFreeAddresses'
  | 'VSwitchNotFound'
  | 'NetworkErrors'
  | 'WhitelistDenied'
  | 'SecurityDomainCertificateMismatch'
  | 'InvalidCredentials'
  | 'UserLockedOut'
  | 'UserNotFound'
  | 'ServiceLinkedRoleNotFound'
  | 'InternalError';

/** What KMS made in the account's network for a store, and has to take back. */
export interface StoreNetwork {
  readonly vpcId: string;
  readonly vSwitchIds: readonly string[];
  readonly zoneIds: readonly string[];
  readonly securityGroupId?: string;
  readonly interfaces: readonly {
    readonly networkInterfaceId: string;
    readonly vSwitchId: string;
    readonly privateIp: string;
    readonly permissionId?: string;
  }[];
}

/** A member of the store's cluster as found at connect. */
export interface StoreMember {
  readonly instanceId: string;
  readonly ip: string;
  /** Why KMS could not use it at connect. */
  readonly problem?: ConnectionErrorCode;
}

/** A private key store: a customer's own HSM cluster as home of CMKs. */
export interface KeyStoreRecord {
  readonly keyStoreId: string;
  readonly name: string;
  readonly description: string;
  readonly type: 'HSM_CLUSTER';
  readonly creator: string;
  readonly createdAt: number;
  readonly hsmClusterId: string;
  /** Sealed; binding `kms.key-store-password/<account>/<region>/<keyStoreId>`. */
  readonly sealedPassword: string;
  /** PEM of the cluster's owner certificate. */
  readonly securityDomainCertificate: string;
  readonly connection: ConnectionState;
  /** When the connection came into this state. */
  readonly connectionChangedAt: number;
  readonly connectionErrorCode?: ConnectionErrorCode;
  readonly connectionErrorMessage?: string;
  readonly lastConnectedAt?: number;
  /** Counts connects and disconnects, so that work of an earlier attempt cannot end a later one. */
  readonly epoch: number;
  readonly network?: StoreNetwork;
  readonly members: readonly StoreMember[];
  /** Ids of interfaces and groups that could not be removed. */
  readonly leftOver: readonly string[];
}

export const KEY_STORES: Collection<KeyStoreRecord> = {
  kind: 'kms.key-store',
  group: 'kms',
  schema: 1,
  id: (store) => store.keyStoreId,
  unique: { name: (store) => store.name, cluster: (store) => store.hsmClusterId },
  indexes: { connection: (store) => store.connection },
};
