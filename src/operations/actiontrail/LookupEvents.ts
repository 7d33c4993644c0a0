import { DAY_MS, isoSeconds, parseIsoSeconds } from '../../core/time.ts';
import type { WireValue } from '../../core/wire-value.ts';
import { InvalidCursor } from '../../domain/storage.ts';
import { choice, text } from '../../schema/fields.ts';
import { structList } from '../../schema/list-fields.ts';
import { optional, out } from '../../schema/output.ts';
import { LOOKUP_KEYS, lookupFilters } from './_lookup-attributes.ts';
import { reads } from './_product.ts';

const REACH_DAYS = 90;
const DEFAULT_DAYS = 7;

const TIME = { pattern: /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/, form: '`2026-03-01T08:00:00Z`' };

export const LookupEvents = reads({
  product: 'ActionTrail',
  name: 'LookupEvents',
  origin: 'vendor',
  title: 'Finds audit events of the last 90 days',
  notes:
    'Events are visible as soon as their call was answered (the vendor shows them minutes later). Only the first two attributes are used; the same key twice means the second. A pair that the vendor does not allow is refused with InvalidLookupAttribute (our choice; not documented). SensitiveAction is not supported.',
  input: {
    StartTime: text({ doc: 'Start of the period; give both times or neither. Default: seven days back.', ...TIME }),
    EndTime: text({ doc: 'End of the period. Default: now.', ...TIME }),
    Direction: choice(['FORWARD', 'BACKWARD'], { doc: 'Oldest or newest first.', fallback: 'BACKWARD' }),
    MaxResults: text({ doc: 'Events per page.', pattern: /^([1-9]|[1-4]\d|50)$/, form: '1-50; default 20' }),
    NextToken: text({ doc: 'From the previous page; keep the other parameters unchanged.', max: 256 }),
    LookupAttribute: structList(
      {
        Key: choice(LOOKUP_KEYS, { doc: 'What to filter by.', required: true }),
        Value: text({ doc: 'Exact, case-sensitive value.', required: true, max: 512 }),
      },
      { doc: 'Filters, at most two of which are used.', maxItems: 100 },
    ),
  },
  output: {
    StartTime: out.text('Start of the period looked through.'),
    EndTime: out.text('End of the period looked through.'),
    NextToken: optional(out.text('Token of the next page; missing on the last.')),
    Events: out.plainFreeList('Events, as described on the page about audit events.', 'Event'),
  },
  permissions: [{ action: 'actiontrail:LookupEvents', resource: '*', arns: () => '*' }],
  throttle: 'trail',
  errors: ['InvalidLookupAttribute', 'InvalidNextToken'],
  handle: async (ctx, input) => {
    const now = ctx.now;
    if ((input.StartTime === undefined) !== (input.EndTime === undefined)) {
      throw ctx.fail('InvalidLookupAttribute', { detail: 'StartTime and EndTime go together.' });
    }
    const start =
      input.StartTime === undefined
        ? new Date(now.getTime() - DEFAULT_DAYS * DAY_MS)
        : parseIsoSeconds(input.StartTime);
    const end = input.EndTime === undefined ? now : parseIsoSeconds(input.EndTime);
    if (start === undefined || end === undefined || start.getTime() > end.getTime()) {
      throw ctx.fail('InvalidLookupAttribute', { detail: 'StartTime and EndTime do not make a period.' });
    }
    const earliest = new Date(now.getTime() - REACH_DAYS * DAY_MS);
    const filters = lookupFilters(input.LookupAttribute ?? []);
    if (typeof filters === 'string') throw ctx.fail('InvalidLookupAttribute', { detail: filters });
    const page = await ctx.ports.events
      .lookupEvents({
        account: ctx.account,
        start: start < earliest ? earliest : start,
        end,
        direction: input.Direction,
        filters,
        limit: Number(input.MaxResults ?? '20'),
        ...(input.NextToken === undefined ? {} : { after: input.NextToken }),
      })
      .catch((error: unknown) => {
        throw error instanceof InvalidCursor ? ctx.fail('InvalidNextToken') : error;
      });
    return {
      StartTime: isoSeconds(start),
      EndTime: isoSeconds(end),
      NextToken: page.next,
      Events: page.events as unknown as readonly WireValue[],
    };
  },
});
