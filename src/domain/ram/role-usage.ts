import type { Reader } from '../storage.ts';
import type { RoleRecord } from './role.ts';

/** Resources that need a service-linked role, in one region (`global` for those of none). */
export interface RoleUsage {
  readonly region: string;
  /** ARNs; at least one. */
  readonly resources: readonly string[];
}

/**
 * Asks a linked service what still needs its role, over all regions of the account. Runs inside the transaction that
 * removes the role. Empty: nothing does. Throws when it cannot tell.
 */
export type UsageProbe = (read: Reader, account: string, role: RoleRecord) => Promise<readonly RoleUsage[]>;
