/** The tables, as the queries see them. Times are integer milliseconds since 1970 (UTC). */
import type { Generated } from 'kysely';

interface RecordKey {
  kind: string;
  account: string;
  region: string;
}

export interface Tables {
  record: RecordKey & { id: string; schema: number; body: string };
  /** Values of unique indexes. */
  record_name: RecordKey & { name: string; value: string; id: string };
  /** Values of look-up indexes. */
  record_index: RecordKey & { name: string; value: string; id: string };
  /** How many records the kind has in the place (`name` and `value` empty), and per index value. */
  record_count: RecordKey & { name: string; value: string; n: number };
  audit_event: {
    seq: Generated<number>;
    account: string;
    time: number;
    service_name: string;
    event_name: string;
    user_name: string | null;
    event_id: string;
    resource_type: string | null;
    resource_name: string | null;
    event_rw: string;
    access_key_id: string | null;
    event_type: string;
    role_name: string | null;
    principal_id: string;
    source_ip_address: string;
    body: string;
  };
  nonce: { key: string; until: number };
  counter: { name: string; value: number };
  task: {
    id: string;
    type: string;
    account: string;
    region: string;
    payload: string;
    /** Service time. */
    due: number;
    key: string | null;
    state: 'pending' | 'done';
    attempt: number;
    lease_owner: string | null;
    /** Wall clock. */
    lease_until: number | null;
    /** Wall clock. */
    finished: number | null;
  };
  /** What each commit changed, for the other nodes' caches. */
  change: { seq: Generated<number>; node: string; at: number; what: string };
  migration: { number: number; name: string; checksum: string; at: number };
  meta: { key: string; value: string };
}

/** Columns of `audit_event` in the order the journal writes them. */
export const EVENT_COLUMNS = [
  'account',
  'time',
  'service_name',
  'event_name',
  'user_name',
  'event_id',
  'resource_type',
  'resource_name',
  'event_rw',
  'access_key_id',
  'event_type',
  'role_name',
  'principal_id',
  'source_ip_address',
  'body',
] as const satisfies readonly (keyof Tables['audit_event'])[];
