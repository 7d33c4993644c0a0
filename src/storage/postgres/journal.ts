/** Writing a batch of the journal with as few statements as possible, whatever its size. */
import type { JournalRow } from '../engine.ts';
import type { Statement } from '../statement.ts';
import { EVENT_COLUMNS } from '../tables.ts';

const typed = EVENT_COLUMNS.map((name) => `"${name}" ${name === 'time' ? 'bigint' : 'text'}`).join(', ');
const names = EVENT_COLUMNS.map((name) => `"${name}"`).join(', ');

const EVENTS = `insert into audit_event (${names})
  select ${names} from json_to_recordset($1::json) as e(${typed})`;

// Sorted, so that two nodes' batches never wait for each other crosswise.
const NONCES = `insert into nonce (key, until)
  select n.key, n.until from json_to_recordset($1::json) as n(key text, until bigint) order by n.key collate "C"
  on conflict (key) do update set until = excluded.until where nonce.until <= $2
  returning key`;

const COUNTS = `insert into counter (name, value)
  select c.name, c.value from json_to_recordset($1::json) as c(name text, value bigint) order by c.name collate "C"
  on conflict (name) do update set value = counter.value + excluded.value`;

/** Remembers the batch's nonces; returns the keys that were new. Undefined when there are none. */
export function nonceStatement(batch: readonly JournalRow[], now: number): Statement | undefined {
  const nonces = new Map<string, number>();
  for (const { nonce } of batch) {
    if (nonce !== undefined && !nonces.has(nonce.key)) nonces.set(nonce.key, nonce.until);
  }
  if (nonces.size === 0) return undefined;
  const rows = Array.from(nonces, ([key, until]) => ({ key, until }));
  return { sql: NONCES, parameters: [JSON.stringify(rows), now] };
}

/** Which entries are accepted: the first with each new nonce, and those without. */
export function acceptedOf(batch: readonly JournalRow[], fresh: Set<string>): boolean[] {
  return batch.map(({ nonce }) => nonce === undefined || fresh.delete(nonce.key));
}

/** Writes the accepted entries' events and counts. */
export function entryStatements(batch: readonly JournalRow[]): Statement[] {
  if (batch.length === 0) return [];
  const events = batch.map(({ event }) => Object.fromEntries(EVENT_COLUMNS.map((name, index) => [name, event[index]])));
  const sums = new Map<string, number>();
  for (const { counts } of batch)
    for (const { counter, by } of counts) sums.set(counter, (sums.get(counter) ?? 0) + by);
  const statements = [{ sql: EVENTS, parameters: [JSON.stringify(events)] }];
  if (sums.size > 0) {
    const rows = Array.from(sums, ([name, value]) => ({ name, value }));
    statements.push({ sql: COUNTS, parameters: [JSON.stringify(rows)] });
  }
  return statements;
}
