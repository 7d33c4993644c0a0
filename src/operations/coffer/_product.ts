import type { Place, Transaction } from '../../domain/storage.ts';
import { declare } from '../../operation/operation.ts';

/** The server as its own operations see it. */
export interface CofferPorts {
  /** Undefined unless the server was started for development. */
  readonly clock:
    | {
        readonly offsetMs: () => number;
        /** Stores the move in the transaction; it holds from the commit on. Returns how far ahead the time is then. */
        readonly advance: (tx: Transaction, byMs: number) => Promise<number>;
      }
    | undefined;
  readonly status: () => Promise<ServerStatus>;
}

/** What `coffer status` shows; no secrets. */
export interface ServerStatus {
  readonly version: string;
  readonly mode: 'production' | 'development';
  readonly region: string;
  readonly startedAt: Date;
  readonly storage: string;
  readonly hsms: readonly { readonly deviceId: string; readonly state: string; readonly pid?: number }[];
}

export const { reads, writes } = declare<CofferPorts>();

/** Where Coffer's own resources live in policies. */
export function serverArn(place: Place, region: string): string {
  return `acs:coffer:${region}:${place.account}:server`;
}
