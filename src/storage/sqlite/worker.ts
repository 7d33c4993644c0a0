/**
 * The thread that owns the SQLite connections, so that waiting for the disk never stops the event loop. One writer,
 * one reader (which sees committed state while a transaction is open), one connection that holds the directory's lock.
 * Runs one message at a time, in order.
 */
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { Connection, failureOf } from './connection.ts';
import type { Opened, Reply, Request, Wanted, WorkerData } from './protocol.ts';

/** Length of the log, in pages, at which the other thread is asked to copy it back. */
const CHECKPOINT_PAGES = 2000;
/** How often the log's length is looked at. */
const LOOK_MS = 20;

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

/**
 * Says when the log has become long. Copying it back waits for the disk, so the other thread copies while this one goes
 * on; what came meanwhile is little, and this thread copies it itself, so that the log can start from its beginning.
 */
function lookAtLog(writer: Connection, tell: (wanted: Wanted) => void): () => void {
  let looked = 0;
  return () => {
    const now = performance.now();
    if (now - looked < LOOK_MS) return;
    looked = now;
    const length = writer.prepare('pragma wal_checkpoint(noop)').get() as { log: number; checkpointed: number };
    if (length.log - length.checkpointed >= CHECKPOINT_PAGES) tell({ wanted: 'checkpoint' });
  };
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
    case 'checkpoint':
      // Inside a transaction it is not possible; it will be asked for again.
      if (!writer.db.isTransaction) writer.db.exec('pragma wal_checkpoint(passive)');
      return { id, rows: [] };
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
  const tell = (message: Opened | Reply | Wanted) => port.postMessage(message);
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
    const committed = lookAtLog(writer, tell);
    port.on('message', (request: Request) => {
      try {
        tell(serve(writer, reader, held, request));
      } catch (error) {
        tell({ id: request.id, failure: failureOf(error) });
      }
      if (request.do === 'commit' || request.do === 'journal') committed();
      if (request.do === 'close') port.close();
    });
    tell({ opened: true });
  } catch (error) {
    held.close();
    tell({ failure: failureOf(error), locked: false });
  }
}

start();
