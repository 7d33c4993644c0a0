import { isUtf8 } from 'node:buffer';
import { plainJson, readJson } from '../core/json.ts';
import { MAX_PARAMETERS } from './params.ts';
import { MalformedForm, parseForm } from './percent.ts';

/** How a body is read: as form pairs, as the members of a JSON object, or not at all. */
export type BodyKind = 'form' | 'json' | 'ignored';

/**
 * How the body of a request is read. A POST without a content type counts as a form. JSON is read under an ACS3
 * signature only, which covers the body's bytes: V1 signs parameters, and its clients do not count JSON among them.
 */
export function bodyKind(method: string, contentType: string | undefined, acs3: boolean): BodyKind {
  if (contentType === undefined) return method === 'POST' ? 'form' : 'ignored';
  const end = contentType.indexOf(';');
  const type = contentType
    .slice(0, end < 0 ? undefined : end)
    .trim()
    .toLowerCase();
  if (type === 'application/x-www-form-urlencoded') return 'form';
  return acs3 && type === 'application/json' ? 'json' : 'ignored';
}

/**
 * Whether every number in it is kept exactly: another would be changed silently; clients send such numbers as text.
 * Looked at afterwards and without recursion: a reviver is called for every value, which takes seconds for a body that
 * nobody has signed.
 */
function isExact(value: unknown): boolean {
  const waiting: unknown[] = [value];
  while (waiting.length > 0) {
    const one = waiting.pop();
    if (typeof one === 'number') {
      if (Number.isInteger(one) && !Number.isSafeInteger(one)) return false;
    } else if (Array.isArray(one)) {
      for (const item of one) if (typeof item !== 'string') waiting.push(item);
    } else if (typeof one === 'object' && one !== null) {
      for (const name in one) waiting.push((one as Record<string, unknown>)[name]);
    }
  }
  return true;
}

/** Names that `JSON.parse` may read as others ({@link readJson}): one character, written as an escape. */
const ESCAPED_NAME = /"\\(?:u[\dA-Fa-f]{4}|[^u])"\s*:/;
/** Of a text with such a name, which takes long to read. */
const MOST_CHARACTERS = 65_536;

function parsedBody(text: string): unknown {
  if (!ESCAPED_NAME.test(text)) return JSON.parse(text);
  if (text.length > MOST_CHARACTERS) throw new RangeError('too long to be read with care');
  return plainJson(readJson(text));
}

/**
 * Members of a JSON object as parameters, the same way clients flatten composite ones: texts as they are, numbers and
 * booleans as text, objects and lists as JSON text, null as absent. (Our choice; the vendor says nothing.)
 */
function jsonMembers(text: string): [string, string][] {
  try {
    const parsed = parsedBody(text);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) && isExact(parsed)) {
      return Object.entries(parsed)
        .filter(([, value]) => value !== null)
        .map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]);
    }
  } catch {
    // Told below: the parser's own words quote the body.
  }
  throw new MalformedForm('the body is not a JSON object of texts, exact numbers, booleans, objects and lists.');
}

/** Name and value pairs in a body. Throws {@link MalformedForm}. */
export function bodyPairs(kind: BodyKind, body: Uint8Array): [string, string][] {
  if (kind === 'ignored' || body.length === 0) return [];
  if (!isUtf8(body)) throw new MalformedForm('the body is not UTF-8.');
  const text = Buffer.from(body.buffer, body.byteOffset, body.length).toString('utf8');
  return kind === 'form' ? parseForm(text, MAX_PARAMETERS) : jsonMembers(text);
}
