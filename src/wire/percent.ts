/** The text is not well-formed percent-encoding of UTF-8. */
export class MalformedForm extends Error {
  constructor() {
    super('malformed percent-encoding');
    this.name = 'MalformedForm';
  }
}

const RESERVED_BY_US = /[!'()*]/g;

/**
 * Canonical percent-encoding of both signature versions: UTF-8, unreserved `A-Z a-z 0-9 - _ . ~`, all else `%XX` in
 * upper case.
 */
export function percentEncode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    RESERVED_BY_US,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function decode(part: string): string {
  const spaced = part.includes('+') ? part.replaceAll('+', ' ') : part;
  if (!spaced.includes('%')) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    throw new MalformedForm();
  }
}

/**
 * Name and value pairs of a query string or form body, in order. Tolerant of what clients leave raw; a pair without
 * `=` has an empty value. Throws {@link MalformedForm}.
 */
export function parseForm(text: string): [string, string][] {
  const pairs: [string, string][] = [];
  if (text === '') return pairs;
  for (const part of text.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    pairs.push(equals < 0 ? [decode(part), ''] : [decode(part.slice(0, equals)), decode(part.slice(equals + 1))]);
  }
  return pairs;
}
