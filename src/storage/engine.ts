/** What the storage needs from a database engine; SQLite and PostgreSQL each implement it once. */
import type { Sql } from './sql.ts';
import type { Statement, Value } from './statement.ts';

export type Row = Readonly<Record<string, unknown>>;

/**
 * The open state-changing transaction. After a failed {@link run} it can only be rolled back. Ends with exactly one
 * `commit` or `rollback`.
 */
export interface Session {
  /** Runs the statements in order, in one trip; the rows of each. Stops at the first that fails. */
  run(statements: readonly Statement[]): Promise<Row[][]>;
  /** Runs the statements, then makes everything durable. When it throws, the outcome may be unknown. */
  commit(last: readonly Statement[]): Promise<void>;
  rollback(): Promise<void>;
}

/** One row of the table `audit_event`, without `seq`: values in the order of {@link EVENT_COLUMNS}. */
export type EventRow = readonly Value[];

export interface JournalRow {
  readonly event: EventRow;
  readonly nonce: { readonly key: string; readonly until: number } | undefined;
  readonly counts: readonly { readonly counter: string; readonly by: number }[];
}

/** Other nodes' commits, as they become known. */
export interface ChangeFeed {
  /** False when commits of other nodes may have been missed for longer than a second; caches must not be used then. */
  current(): boolean;
}

export interface Engine {
  readonly sql: Sql;
  /** Where the database is, for messages; without credentials. */
  readonly where: string;
  /** Reads what is committed. */
  read(statement: Statement): Promise<Row[]>;
  /** As {@link read}, for what may look at very many rows: it holds up no other read or write. */
  readLong(statement: Statement): Promise<Row[]>;
  /** A short change of rows that are no records (leases, forgetting), in a transaction of its own. */
  write(statements: readonly Statement[]): Promise<Row[][]>;
  /** Opens the state-changing transaction; throws `StorageBusy` when its turn did not come within `waitMs`. */
  begin(waitMs: number): Promise<Session>;
  /**
   * Makes a batch durable in one transaction. For each entry: false when its nonce was used before (at `now`), and
   * then nothing of the entry is written.
   */
  journal(batch: readonly JournalRow[], now: number): Promise<boolean[]>;
  /** Starts following other nodes' commits; undefined where there can be no other node. */
  follow?(listener: ChangeListener): Promise<ChangeFeed>;
  close(): Promise<void>;
}

export interface ChangeListener {
  /** A commit of another node; `what` as that node passed it. */
  changed(what: string): void;
  /** Commits may have been missed: nothing cached before this moment may be used. */
  lost(): void;
  failed(error: unknown): void;
  /** Own commits carry this name and are left out. */
  readonly node: string;
}
