/** Looking audit events up: in the order of (time, seq), page by page. */
import type { AuditEvent } from '../domain/audit.ts';
import { type EventQuery, InvalidCursor } from '../domain/storage.ts';
import type { Engine } from './engine.ts';
import { columnValue, FIELD_COLUMNS } from './event-row.ts';
import { statement } from './sql.ts';

interface Position {
  readonly time: number;
  readonly seq: number;
}

function writeCursor({ time, seq }: Position): string {
  return Buffer.from(`${time}.${seq}`).toString('base64url');
}

function readCursor(text: string): Position {
  const match = /^(-?\d{1,15})\.(\d{1,15})$/.exec(Buffer.from(text, 'base64url').toString('latin1'));
  if (match === null) throw new InvalidCursor();
  const position = { time: Number(match[1]), seq: Number(match[2]) };
  if (writeCursor(position) !== text) throw new InvalidCursor();
  return position;
}

/** One page of the account's events between `start` and `end`, both included. */
export async function lookupEvents(
  engine: Engine,
  query: EventQuery,
): Promise<{ events: AuditEvent[]; next?: string }> {
  const forward = query.direction === 'FORWARD';
  const order = forward ? 'asc' : 'desc';
  let select = engine.sql.db
    .selectFrom('audit_event')
    .select(['time', 'seq', 'body'])
    .where('account', '=', query.account)
    .where('time', '>=', query.start.getTime())
    .where('time', '<=', query.end.getTime());
  for (const { field, value } of query.filters) select = select.where(FIELD_COLUMNS[field], '=', columnValue(value));
  if (query.after !== undefined) {
    const { time, seq } = readCursor(query.after);
    const beyond = forward ? '>' : '<';
    select = select
      // Says the same as the next line, in the form that bounds the index scan.
      .where('time', forward ? '>=' : '<=', time)
      .where((eb) => eb.or([eb('time', beyond, time), eb('seq', beyond, seq)]));
  }
  const page = select
    .orderBy('time', order)
    .orderBy('seq', order)
    .limit(query.limit + 1);
  const rows = await engine.readLong(statement(page));
  const shown = rows.slice(0, query.limit);
  const events = shown.map((row) => JSON.parse(String(row.body)) as AuditEvent);
  const last = shown.at(-1);
  if (rows.length <= query.limit || last === undefined) return { events };
  return { events, next: writeCursor({ time: Number(last.time), seq: Number(last.seq) }) };
}
