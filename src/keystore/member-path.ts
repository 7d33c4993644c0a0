import type { ConnectionErrorCode, KeyStoreRecord, StoreMember } from '../domain/kms/key-store.ts';
import type { Place } from '../domain/storage.ts';

/** Whether the account's network lets the store reach one HSM now. */
export type MemberPath =
  | { readonly open: true; readonly deviceId: string }
  | { readonly open: false; readonly problem: ConnectionErrorCode; readonly why: string };

/** The way from a store's interfaces to its HSMs. Cheap to ask before every call. */
export interface MemberPaths {
  of(place: Place, store: KeyStoreRecord, member: StoreMember): Promise<MemberPath>;
}
