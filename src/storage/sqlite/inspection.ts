/** The thread that looks an SQLite file over: an integrity check reads all of it. Ends with its one message. */
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { type Contents, contentsOf } from '../contents.ts';
import { failureOf } from './connection.ts';
import type { Failure } from './protocol.ts';

export interface InspectionData {
  readonly file: string;
}

export type Inspected =
  | {
      readonly contents: Contents;
      /** `ok`, or what SQLite found wrong. */
      readonly integrity: string;
    }
  | { readonly failure: Failure };

async function inspect(file: string): Promise<Inspected> {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(file, { readOnly: true, timeout: 5000 });
    const open = db;
    const check = open.prepare('pragma integrity_check(10)').all();
    const contents = await contentsOf(async (sql) => open.prepare(sql).all());
    return { contents, integrity: check.map((row) => String(row.integrity_check)).join('; ') };
  } catch (error) {
    return { failure: failureOf(error) };
  } finally {
    db?.close();
  }
}

parentPort!.postMessage(await inspect((workerData as InspectionData).file));
