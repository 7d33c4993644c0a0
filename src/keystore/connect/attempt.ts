import type { KeyStoreRecord } from '../../domain/kms/key-store.ts';
import type { NetworkFabric } from '../../domain/network/fabric.ts';
import type { Place, Reader } from '../../domain/storage.ts';
import type { ServiceClient } from '../../operation/service-client.ts';
import type { MemberPorts } from '../open-member.ts';

/** Times of connection work, milliseconds. */
export interface ConnectLimits {
  /** From ConnectKeyStore on: after this an attempt that fails for a passing reason is the last. */
  readonly overallMs: number;
  /** Between attempts: the first, doubled each time, up to the last. */
  readonly retryMs: readonly [first: number, last: number];
  /** For opening a connection to one HSM. */
  readonly dialMs: number;
  /** How long work on a store waits for earlier work on it that does not end. */
  readonly turnMs: number;
}

export const CONNECT_LIMITS: ConnectLimits = {
  overallMs: 60_000,
  retryMs: [500, 4_000],
  dialMs: 5_000,
  turnMs: 90_000,
};

/** What connecting and disconnecting may use. */
export interface ConnectPorts extends MemberPorts {
  /** The one way into other products: their operations, as the role. */
  readonly services: ServiceClient;
  readonly fabric: NetworkFabric;
  readonly read: Reader;
  readonly limits: ConnectLimits;
}

/** One attempt to connect one store. */
export interface Attempt {
  readonly ports: ConnectPorts;
  readonly place: Place;
  readonly store: KeyStoreRecord;
}

/** Name of everything KMS makes in the account's network for a store, by which a later attempt finds it again. */
export function partName(keyStoreId: string): string {
  return `kms-${keyStoreId}`;
}
