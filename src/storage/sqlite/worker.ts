/**
 * The thread that owns the SQLite connections, so that waiting for the disk never stops the event loop. One writer,
 * one reader (which sees committed state while a transaction is open), one connection that holds the directory's lock.
 * Runs one message at a time, in order.
 */
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import type { Row } from '../engine.ts';
import type { Statement } from '../statement.ts';
import type { Failure, Opened, Reply, Request, WorkerData } from './protocol.ts';

const STATEMENTS_KEPT = 500;

function failureOf(error: unknown): Failure {
  const { message, errcode } = error as { message?: string; errcode?: number };
  return { message: message ?? String(error), code: errcode };
}

class Connection {
  readonly db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(file: string) {
    this.db = new DatabaseSync(file, { timeout: 5000, enableForeignKeyConstraints: true });
    try {
      this.db.exec('pragma journal_mode = wal; pragma synchronous = full; pragma temp_store = memory');
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

/** Takes the lock that lasts until this process ends, however it ends. */
function lock(file: string): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: 0 });
  try {
    db.exec('pragma journal_mode = memory; begin exclusive');
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function journal(writer: Connection, request: Request & { do: 'journal' }): boolean[] {
  const nonce = writer.prepare(request.sql.nonce);
  const event = writer.prepare(request.sql.event);
  const count = writer.prepare(request.sql.count);
  writer.db.exec('begin immediate');
  try {
    const accepted = request.batch.map((entry) => {
      if (entry.nonce !== undefined) {
        const { changes } = nonce.run(entry.nonce.key, entry.nonce.until, request.now);
        if (changes === 0) return false;
      }
      event.run(...entry.event);
      for (const { counter, by } of entry.counts) count.run(counter, by);
      return true;
    });
    writer.db.exec('commit');
    return accepted;
  } catch (error) {
    writer.rollback();
    throw error;
  }
}

function serve(writer: Connection, reader: Connection, held: DatabaseSync, request: Request): Reply {
  const { id } = request;
  switch (request.do) {
    case 'run':
      return { id, rows: (request.on === 'reader' ? reader : writer).run(request.statements) };
    case 'commit': {
      const rows = writer.run(request.statements);
      writer.db.exec('commit');
      return { id, rows };
    }
    case 'rollback':
      writer.rollback();
      return { id, rows: [] };
    case 'journal':
      return { id, accepted: journal(writer, request) };
    case 'close':
      reader.db.close();
      writer.rollback();
      writer.db.close();
      held.close();
      return { id, rows: [] };
  }
}

function start(): void {
  const port = parentPort!;
  const { file, lockFile } = workerData as WorkerData;
  const tell = (message: Opened | Reply) => port.postMessage(message);
  let held: DatabaseSync;
  try {
    held = lock(lockFile);
  } catch (error) {
    const failure = failureOf(error);
    tell({ failure, locked: failure.code !== undefined && (failure.code & 0xff) === 5 });
    return;
  }
  try {
    const writer = new Connection(file);
    const reader = new Connection(file);
    port.on('message', (request: Request) => {
      try {
        tell(serve(writer, reader, held, request));
      } catch (error) {
        tell({ id: request.id, failure: failureOf(error) });
      }
      if (request.do === 'close') port.close();
    });
    tell({ opened: true });
  } catch (error) {
    held.close();
    tell({ failure: failureOf(error), locked: false });
  }
}

start();
