/** One SQLite connection with its prepared statements; used inside the threads only. */
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Row } from '../engine.ts';
import type { Statement } from '../statement.ts';
import type { Failure } from './protocol.ts';

const STATEMENTS_KEPT = 500;
const CACHE_KIB = 16 * 1024;

/** The log copies itself back at this length only if the other thread did not do it before. */
const CHECKPOINT_AT_LAST_PAGES = 16_384;

/** What is said of a failure outside the thread. */
export function failureOf(error: unknown): Failure {
  const { message, errcode } = error as { message?: string; errcode?: number };
  return { message: message ?? String(error), code: errcode };
}

export class Connection {
  readonly db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(file: string) {
    this.db = new DatabaseSync(file, { timeout: 5000, enableForeignKeyConstraints: true });
    try {
      this.db.exec(
        `pragma journal_mode = wal; pragma synchronous = full; pragma temp_store = memory;
         pragma cache_size = -${CACHE_KIB}; pragma wal_autocheckpoint = ${CHECKPOINT_AT_LAST_PAGES}`,
      );
    } catch (error) {
      this.db.close();
      throw error;
    }
  }

  prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    if (this.#statements.size >= STATEMENTS_KEPT) this.#statements.clear();
    const prepared = this.db.prepare(sql);
    this.#statements.set(sql, prepared);
    return prepared;
  }

  run(statements: readonly Statement[]): Row[][] {
    return statements.map(({ sql, parameters }) => this.prepare(sql).all(...parameters) as Row[]);
  }

  rollback(): void {
    if (this.db.isTransaction) this.db.exec('rollback');
  }
}
