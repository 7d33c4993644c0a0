/** Audit events as LookupEvents shows them. */
import type { Answer, Call } from './sdk.ts';

/** All events of the account, oldest first, page by page; or those that match the filters. */
export async function allEvents(call: Call, filters: Readonly<Record<string, string>> = {}): Promise<Answer[]> {
  const attributes = Object.entries(filters).flatMap(([Key, Value], at) => [
    [`LookupAttribute.${at + 1}.Key`, Key],
    [`LookupAttribute.${at + 1}.Value`, Value],
  ]);
  const events: Answer[] = [];
  let token: Record<string, string> = {};
  // A later end keeps what happens within this second inside the period.
  const period = { StartTime: isoAt(-3_600_000), EndTime: isoAt(30 * 86_400_000) };
  do {
    const page = await call('ActionTrail', 'LookupEvents', {
      ...period,
      ...Object.fromEntries(attributes),
      ...token,
      Direction: 'FORWARD',
      MaxResults: '50',
    });
    events.push(...page.Events);
    token = page.NextToken === undefined ? {} : { NextToken: page.NextToken };
  } while (token.NextToken !== undefined);
  return events;
}

function isoAt(offsetMs: number): string {
  return `${new Date(Date.now() + offsetMs).toISOString().slice(0, 19)}Z`;
}
