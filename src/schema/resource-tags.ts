import type { Field, Input, SentTag } from './field.ts';
import { text } from './fields.ts';
import { structList } from './list-fields.ts';

const members = {
  Key: text({ doc: 'Name of the label.', required: true, max: 128 }),
  Value: text({ doc: 'Its value.', max: 128 }),
};

/** `Tag.N.Key` and `Tag.N.Value`, at most 20: labels to look for. */
export function tagFilter(doc: string) {
  return structList(members, { doc, maxItems: 20 });
}

/** The same, to put on a new resource. */
export function resourceTags(doc: string) {
  return puttingTags(tagFilter(doc), tagsToKeep);
}

/** Marks a parameter as one that puts tags on a resource; `of` reads them from its value. */
export function puttingTags<T, P extends boolean>(
  field: Field<T, P>,
  of: (value: T) => readonly SentTag[],
): Field<T, P> {
  return { ...field, tagsOf: of };
}

/** The labels as records keep and filters take them. */
export function tagPairs(
  sent: readonly Input<typeof members>[] | undefined,
): { readonly key: string; readonly value: string | undefined }[] {
  return (sent ?? []).map((tag) => ({ key: tag.Key, value: tag.Value }));
}

/** Labels for a new resource: sorted by key, the last one of a key counts. */
export function tagsToKeep(sent: readonly Input<typeof members>[] | undefined): SentTag[] {
  const byKey = new Map((sent ?? []).map((tag) => [tag.Key, tag.Value ?? '']));
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => ({ key, value }));
}
