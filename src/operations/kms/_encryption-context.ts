import type { EncryptionContext } from '../../crypto/envelope.ts';
import { json } from '../../schema/fields.ts';
import { FieldRejected } from '../../schema/rejected.ts';

const MAX_CHARS = 8192;

function parse(value: unknown, name: string): EncryptionContext {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new FieldRejected(name, 'value', `${name} must be a JSON object`);
  }
  const pairs = Object.entries(value);
  for (const [key, text] of pairs) {
    if (typeof text !== 'string') throw new FieldRejected(name, 'value', `${name} must hold texts only`);
    // Unpaired surrogates have no UTF-8 form of their own: two contexts would become one.
    if (!key.isWellFormed() || !text.isWellFormed()) {
      throw new FieldRejected(name, 'chars', `${name} must be well-formed Unicode`);
    }
  }
  return pairs as [string, string][];
}

/** `EncryptionContext` and its kin: JSON object of texts; `{}` is none. Its values stay out of audit events. */
export function encryptionContext(doc: string) {
  return json(
    { doc, limits: `JSON object of texts, at most ${MAX_CHARS} characters`, maxLength: MAX_CHARS, secret: true },
    parse,
  );
}

/** What an audit event says of a context: the names, not the values. */
export function contextNames(context: EncryptionContext | undefined): readonly string[] {
  return (context ?? []).map(([name]) => name).sort();
}
