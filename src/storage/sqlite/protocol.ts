/** Messages between the storage and the thread that owns the SQLite connections. */
import type { JournalRow, Row } from '../engine.ts';
import type { Statement } from '../statement.ts';

export interface WorkerData {
  readonly file: string;
  /** The file whose lock says that a process has the directory open; for the thread that writes. */
  readonly lockFile: string;
}

export type Request =
  /** `reader` sees what is committed; `writer` runs inside the open transaction. */
  | { readonly id: number; readonly do: 'run'; readonly on: 'reader' | 'writer'; readonly statements: Statement[] }
  /** Runs the statements on the writer and then commits. */
  | { readonly id: number; readonly do: 'commit'; readonly statements: Statement[] }
  | { readonly id: number; readonly do: 'rollback' }
  | {
      readonly id: number;
      readonly do: 'journal';
      /** Statements for one nonce (key, until, now), one event and one count (counter, by). */
      readonly sql: { readonly nonce: string; readonly event: string; readonly count: string };
      readonly batch: readonly JournalRow[];
      readonly now: number;
    }
  /** Copies the log of what is committed into the database file, as far as that holds nobody up. */
  | { readonly id: number; readonly do: 'checkpoint' }
  | { readonly id: number; readonly do: 'close' };

export interface Failure {
  readonly message: string;
  /** SQLite's (extended) result code. */
  readonly code: number | undefined;
}

export type Reply =
  | { readonly id: number; readonly rows: Row[][] }
  | { readonly id: number; readonly accepted: boolean[] }
  | { readonly id: number; readonly failure: Failure };

/** Said by the thread that writes when its log has become long: the other thread should copy it back. */
export interface Wanted {
  readonly wanted: 'checkpoint';
}

/** The first message: the connections are open, or why not. `locked` when another process holds the lock. */
export type Opened = { readonly opened: true } | { readonly failure: Failure; readonly locked: boolean };
