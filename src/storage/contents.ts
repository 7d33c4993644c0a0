/** What is in a database, counted. */
export interface Contents {
  /** Version of the database's schema. */
  readonly schema: number;
  /** Records per kind. */
  readonly records: Readonly<Record<string, number>>;
  /** Audit events ever written. */
  readonly events: number;
  readonly unfinishedTasks: number;
}

/** Runs one query on either engine. */
export type Ask = (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;

export async function contentsOf(ask: Ask): Promise<Contents> {
  const [schema] = await ask('select max(number) as n from migration');
  const kinds = await ask("select kind, sum(n) as n from record_count where name = '' group by kind order by kind");
  const [events] = await ask('select max(seq) as n from audit_event');
  const [tasks] = await ask("select count(*) as n from task where state = 'pending'");
  return {
    schema: Number(schema?.n ?? 0),
    records: Object.fromEntries(kinds.map((row) => [String(row.kind), Number(row.n)])),
    events: Number(events?.n ?? 0),
    unfinishedTasks: Number(tasks?.n ?? 0),
  };
}
