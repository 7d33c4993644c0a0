import { MINUTE_MS } from '../core/time.ts';

const INSTANT = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?(?:Z|([+-])(\d{2}):(\d{2}))$/;

/**
 * Reads an ISO 8601 instant, `2019-08-12T17:00:00+08:00` or with `Z`, as milliseconds since 1970; seconds and up to
 * three decimals are optional. Undefined when the text is anything else or names no real instant (30 February, 24:00).
 */
export function parseInstant(text: string): number | undefined {
  const found = INSTANT.exec(text);
  if (found === null) return undefined;
  const [year, month, day, hour, minute, second, , , offsetHours, offsetMinutes] = found
    .slice(1)
    .map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const millisecond = Number((found[7] ?? '').padEnd(3, '0'));
  if (hour > 23 || minute > 59 || second > 59 || offsetHours > 23 || offsetMinutes > 59) return undefined;
  const local = new Date(0);
  // setUTCFullYear takes years below 100 as they are; Date.UTC would put them into the twentieth century.
  local.setUTCFullYear(year, month - 1, day);
  if (local.getUTCFullYear() !== year || local.getUTCMonth() !== month - 1 || local.getUTCDate() !== day) {
    return undefined;
  }
  local.setUTCHours(hour, minute, second, millisecond);
  const offset = (found[8] === '-' ? -1 : 1) * (offsetHours * 60 + offsetMinutes) * MINUTE_MS;
  return local.getTime() - offset;
}
