/**
 * The storage port: what the rest of the program may ask of a database. Implemented once, over SQLite and PostgreSQL,
 * in `src/storage`; nothing outside that folder knows SQL.
 *
 * Everything kept is a record of a declared {@link Collection}. State changes happen in {@link Storage.transaction}
 * only; one state-changing transaction runs at a time over the whole deployment, so what a transaction reads is still
 * true when it commits.
 */
import type { AuditEvent } from './audit.ts';
import type { Place } from './place.ts';
import type { TaskRequest } from './task-request.ts';

export type { Place } from './place.ts';

/** One kind of record. Declared once, next to the record's type; passed to every verb. */
export interface Collection<T> {
  /** Stable name, `<product>.<thing>`; stored with each record. */
  readonly kind: string;
  /**
   * Records of one group and account change together as far as memos are concerned (see {@link Reader.memo}):
   * `ram`, `network`, `hsm`, `kms`.
   */
  readonly group: string;
  /** Version of the stored form; starts at 1. */
  readonly schema: number;
  /** Turns a body stored under an older schema version into today's type. Needed once `schema` is above 1. */
  readonly upgrade?: (body: unknown, schema: number) => T;
  /** The record's id, unique within its place. Lists are ordered by it (byte order). */
  readonly id: (record: T) => string;
  /** Names unique within the place: index name to value; undefined leaves the record out. */
  readonly unique?: Readonly<Record<string, (record: T) => string | undefined>>;
  /** Look-ups: index name to value or values; undefined leaves the record out. */
  readonly indexes?: Readonly<Record<string, (record: T) => string | readonly string[] | undefined>>;
}

export interface ListOptions {
  /** Only records with this value in this (non-unique) index. */
  readonly index?: string;
  readonly value?: string;
  /** Only records whose id is greater. */
  readonly after?: string;
  /** Skips this many; costs time in proportion. */
  readonly offset?: number;
  /** At most this many. */
  readonly limit?: number;
}

/** A record together with where it lives, for look-ups across places. */
export interface Located<T> {
  readonly place: Place;
  readonly record: T;
}

export interface Reader {
  get<T>(collection: Collection<T>, place: Place, id: string): Promise<T | undefined>;
  /** The record whose unique index `index` has `value`. */
  find<T>(collection: Collection<T>, place: Place, index: string, value: string): Promise<T | undefined>;
  list<T>(collection: Collection<T>, place: Place, options?: ListOptions): Promise<T[]>;
  /** How many {@link list} would return without limit and offset. Without an index it costs the same at any size. */
  count<T>(collection: Collection<T>, place: Place, options?: Pick<ListOptions, 'index' | 'value'>): Promise<number>;
  /** All records of the kind in every region of the account, or in every account when `account` is undefined. */
  everywhere<T>(
    collection: Collection<T>,
    account: string | undefined,
    options?: Pick<ListOptions, 'index' | 'value'>,
  ): Promise<Located<T>[]>;
  /**
   * A value computed from records of `group` in `account` and kept until any of them changes (on any node: within a
   * second). Bounded; `load` runs again after eviction. Inside a transaction nothing is kept.
   */
  memo<V>(group: string, account: string, key: string, load: (reader: Reader) => Promise<V>): Promise<V>;
}

export interface Transaction extends Reader {
  /** Adds a record. Throws {@link DuplicateRecord} when the id or a unique index value is taken. */
  insert<T>(collection: Collection<T>, place: Place, record: T): Promise<void>;
  /** Replaces the record with the same id. Throws when it does not exist, {@link DuplicateRecord} on a unique clash. */
  update<T>(collection: Collection<T>, place: Place, record: T): Promise<void>;
  /** Removes the record; false when there was none. */
  remove<T>(collection: Collection<T>, place: Place, id: string): Promise<boolean>;
  /** Writes an audit event in this transaction. */
  audit(event: AuditEvent): Promise<void>;
  /** Adds a task in this transaction; it may run as soon as the transaction has committed. Returns its id. */
  enqueue(task: TaskRequest): Promise<string>;
  /** Remembers a request's nonce; false when it was used before inside the window. */
  useNonce(nonce: Nonce): Promise<boolean>;
  /** Removes a counter whose subject is gone for good; one of that name must not be counted again. */
  removeCounter(name: string): Promise<void>;
  /** Runs after a successful commit, in order of registration; must not throw. */
  afterCommit(effect: () => void): void;
}

/** A request's nonce, remembered until the signature window has passed. */
export interface Nonce {
  /** Digest of access key id and nonce. */
  readonly key: string;
  /** When it may be forgotten (wall clock). */
  readonly until: Date;
}

/** What a call leaves behind that changes no record: made durable in groups before the reply leaves. */
export interface JournalEntry {
  readonly event: AuditEvent;
  /** Refused with `false` from {@link Storage.journal} when it was used before. */
  readonly nonce?: Nonce;
  /** Counters to increase, e.g. messages encrypted under a key version. */
  readonly counts?: readonly Count[];
}

export interface Count {
  readonly counter: string;
  readonly by: number;
}

/**
 * How {@link Storage.lookupEvents} filters: events between `start` and `end`, both included; all given fields must
 * match, exactly and case-sensitively.
 */
export interface EventQuery {
  readonly account: string;
  readonly start: Date;
  readonly end: Date;
  readonly direction: 'FORWARD' | 'BACKWARD';
  readonly filters: readonly { readonly field: EventField; readonly value: string }[];
  readonly limit: number;
  /** Cursor from an earlier answer; {@link InvalidCursor} when it is none. */
  readonly after?: string;
}

export const EVENT_FIELDS = [
  'ServiceName',
  'EventName',
  'User',
  'EventId',
  'ResourceType',
  'ResourceName',
  'EventRW',
  'EventAccessKeyId',
  'EventType',
  'RoleName',
  'PrincipalId',
  'SourceIpAddress',
] as const;
export type EventField = (typeof EVENT_FIELDS)[number];

export interface Storage {
  /** Reads committed records, through caches that are dropped when another call or node changes them. */
  readonly reader: Reader;
  /**
   * Runs `work` in the one state-changing transaction; commits when it resolves, rolls everything back when it throws.
   * Waits for its turn at most `transactionWaitMs` (configuration), then throws {@link StorageBusy}.
   */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Makes the entry durable (grouped with others) and resolves; `false` when its nonce was used before. */
  journal(entry: JournalEntry): Promise<boolean>;
  /**
   * Value of a counter; 0 when it was never increased. Includes everything this node made durable. Where other nodes
   * count too it may, for a second, lack their increases, or be too high by what was being counted when it was read.
   */
  counter(name: string): Promise<number>;
  lookupEvents(query: EventQuery): Promise<{ events: AuditEvent[]; next?: string }>;
  /** Claims up to `limit` due tasks of the given types for `leaseMs`. */
  claimTasks(request: ClaimRequest): Promise<ClaimedTask[]>;
  /** When the unclaimed task that is due first falls, or fell, due (service time). */
  nextTaskDue(): Promise<Date | undefined>;
  /** How many records of each kind each region holds, whosever they are. Costs time in proportion to all records. */
  countsByRegion(): Promise<readonly { readonly region: string; readonly kind: string; readonly count: number }[]>;
  /** Forgets nonces and finished tasks that are past their time. */
  prune(wall: Date): Promise<void>;
  /** Calls back after commits (any node) that enqueued tasks. */
  onTasks(listener: () => void): void;
  /** Writes something small; throws when the database is away or takes no writes, without which no call can be served. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface ClaimRequest {
  readonly now: Date;
  readonly wall: Date;
  readonly leaseMs: number;
  readonly limit: number;
}

export interface ClaimedTask {
  readonly id: string;
  readonly type: string;
  readonly place: Place;
  readonly payload: unknown;
  /** 1 on the first run. */
  readonly attempt: number;
  /** Ends the task inside the caller's transaction: false (and no effect) when the lease was lost. */
  finish(tx: Transaction): Promise<boolean>;
  /** Holds the task for `leaseMs` from now on; false (and no effect) when the lease was lost. */
  renew(leaseMs: number): Promise<boolean>;
  /** Gives the task back, to run again at `due` (service time). */
  retry(due: Date): Promise<void>;
}

/** The id or a unique index value is already taken. */
export class DuplicateRecord extends Error {
  readonly kind: string;
  /** `id`, or the unique index that clashed. */
  readonly index: string;
  constructor(kind: string, index: string) {
    super(`${kind}: ${index} is taken`);
    this.name = 'DuplicateRecord';
    this.kind = kind;
    this.index = index;
  }
}

/** The turn to change state did not come in time, or too many wait already; the call had no effect. */
export class StorageBusy extends Error {
  constructor(message = 'storage is busy') {
    super(message);
    this.name = 'StorageBusy';
  }
}

/** The database cannot be used now: it is down, cut off, or cannot write. Whether the call had an effect is unknown. */
export class StorageDown extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StorageDown';
  }
}

/** The text is no cursor that {@link Storage.lookupEvents} gave. */
export class InvalidCursor extends Error {
  constructor() {
    super('invalid cursor');
    this.name = 'InvalidCursor';
  }
}
