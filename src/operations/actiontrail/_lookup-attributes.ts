import { table } from '../../core/table.ts';
import type { EventField } from '../../domain/storage.ts';

/** With which other key a key may be combined ("limitations of LookupEvents"). */
const PAIRS = table({
  ServiceName: ['EventName', 'User', 'PrincipalId', 'RoleName', 'ResourceName', 'EventRW', 'EventType'],
  EventName: ['ServiceName', 'ResourceName', 'EventType'],
  User: ['ServiceName', 'ResourceName'],
  EventId: [],
  ResourceType: ['ResourceName'],
  ResourceName: ['ServiceName', 'ResourceType', 'EventName', 'User', 'RoleName'],
  EventRW: ['ServiceName'],
  EventAccessKeyId: [],
  EventType: ['ServiceName', 'EventName'],
  RoleName: ['ServiceName', 'ResourceName'],
  PrincipalId: ['ServiceName'],
  SourceIpAddress: [],
} as const satisfies Record<EventField, readonly EventField[]>);

export const LOOKUP_KEYS = Object.keys(PAIRS) as readonly EventField[];

/**
 * The filters of a look-up as the vendor applies them: only the first two attributes count; of the same key twice, the
 * second wins. Returns a sentence instead when the two keys may not be combined.
 */
export function lookupFilters(
  attributes: readonly { readonly Key: EventField; readonly Value: string }[],
): readonly { readonly field: EventField; readonly value: string }[] | string {
  const [first, second] = attributes;
  if (first === undefined) return [];
  const filters = [first, second]
    .filter((entry) => entry !== undefined)
    .map((entry) => ({ field: entry.Key, value: entry.Value }));
  if (second === undefined) return filters;
  if (first.Key === second.Key) return filters.slice(1);
  const partners: readonly EventField[] = PAIRS[first.Key];
  return partners.includes(second.Key) ? filters : `${first.Key} cannot be combined with ${second.Key}.`;
}
