/**
 * The thread for what takes long and must hold nobody up: looking through many audit events, and copying the log back
 * into the database file.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { Connection, failureOf } from './connection.ts';
import type { Opened, Reply, Request, WorkerData } from './protocol.ts';

function serve(connection: Connection, request: Request): Reply {
  const { id } = request;
  if (request.do === 'run') return { id, rows: connection.run(request.statements) };
  if (request.do === 'checkpoint') connection.db.exec('pragma wal_checkpoint(passive)');
  else connection.db.close();
  return { id, rows: [] };
}

function start(): void {
  const port = parentPort!;
  const tell = (message: Opened | Reply) => port.postMessage(message);
  try {
    const connection = new Connection((workerData as WorkerData).file);
    port.on('message', (request: Request) => {
      try {
        tell(serve(connection, request));
      } catch (error) {
        tell({ id: request.id, failure: failureOf(error) });
      }
      if (request.do === 'close') port.close();
    });
    tell({ opened: true });
  } catch (error) {
    tell({ failure: failureOf(error), locked: false });
  }
}

start();
