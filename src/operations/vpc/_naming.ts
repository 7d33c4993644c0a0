import { text } from '../../schema/fields.ts';

const NO_URL = { pattern: /^(?!https?:\/\/)/, form: 'not beginning with `http://` or `https://`' } as const;

/** A name: 1 to 128 characters, no URL. */
export function nameField(doc: string) {
  return text({ doc, max: 128, ...NO_URL });
}

/** A description: 1 to 256 characters, no URL. */
export function descriptionField() {
  return text({ doc: 'Free text.', max: 256, ...NO_URL });
}
