import { text } from './fields.ts';
import { FieldRejected } from './rejected.ts';

const PREFIX = 'after:';

/** The token for a page that begins after this place: opaque to callers. */
export function pageTokenOf(place: string): string {
  return Buffer.from(`${PREFIX}${place}`).toString('base64url');
}

/** The place that a token means; undefined when it is not one of ours. */
export function placeOf(token: string): string | undefined {
  const read = Buffer.from(token, 'base64url').toString('utf8');
  return read.startsWith(PREFIX) && pageTokenOf(read.slice(PREFIX.length)) === token
    ? read.slice(PREFIX.length)
    : undefined;
}

/** The parameter that takes a page's token; the handler gets the place it means. */
export function pageToken<const O extends { readonly doc: string }>(options: O) {
  const field = text({ ...options, max: 512 });
  return {
    ...field,
    breaches: [...field.breaches, 'format'] as const,
    read: (source: Parameters<typeof field.read>[0], name: string): string | undefined => {
      const token = field.read(source, name);
      if (token === undefined) return undefined;
      const place = placeOf(token);
      if (place === undefined) throw new FieldRejected(name, 'format', `${name} is not one that a list has answered`);
      return place;
    },
  };
}
