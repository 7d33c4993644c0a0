/** The text is not a well-formed form: broken percent-encoding, bytes that are not UTF-8, or too many pairs. */
export class MalformedForm extends Error {
  constructor(detail: string) {
    super(detail);
    this.name = 'MalformedForm';
  }
}

const UNRESERVED_ONLY = /^[\w.~-]*$/;
const LEFT_RAW = /[!'()*]/g;

/**
 * Canonical percent-encoding of both signature versions: UTF-8, unreserved `A-Z a-z 0-9 - _ . ~`, all else `%XX` in
 * upper case. Lone surrogates are encoded as U+FFFD.
 */
export function percentEncode(text: string): string {
  if (UNRESERVED_ONLY.test(text)) return text;
  return encodeURIComponent(text.toWellFormed()).replace(
    LEFT_RAW,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function decode(part: string): string {
  const spaced = part.includes('+') ? part.replaceAll('+', ' ') : part;
  if (!spaced.includes('%')) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    throw new MalformedForm('the percent-encoding is broken.');
  }
}

/**
 * Name and value pairs of a query string or form body, in order. Tolerant of what clients leave raw; a pair without
 * `=` has an empty value, `+` is a space, empty pairs are skipped. Stops reading after `limit` pairs. Throws
 * {@link MalformedForm}.
 */
export function parseForm(text: string, limit: number = Number.POSITIVE_INFINITY): [string, string][] {
  const pairs: [string, string][] = [];
  for (let start = 0; start < text.length; ) {
    const mark = text.indexOf('&', start);
    const end = mark < 0 ? text.length : mark;
    if (end > start) {
      if (pairs.length >= limit) throw new MalformedForm(`more than ${limit} parameters.`);
      const part = text.slice(start, end);
      const equals = part.indexOf('=');
      pairs.push(equals < 0 ? [decode(part), ''] : [decode(part.slice(0, equals)), decode(part.slice(equals + 1))]);
    }
    start = end + 1;
  }
  return pairs;
}
