import type { Input } from './field.ts';
import { structList, text } from './fields.ts';

const members = {
  Key: text({ doc: 'Name of the label.', required: true, max: 128 }),
  Value: text({ doc: 'Its value.', max: 128 }),
};

/** `Tag.N.Key` and `Tag.N.Value`, at most 20: labels to put on a resource, or to look for. */
export function resourceTags(doc: string) {
  return structList(members, { doc, maxItems: 20 });
}

/** The labels as records keep and filters take them. */
export function tagPairs(
  sent: readonly Input<typeof members>[] | undefined,
): { readonly key: string; readonly value: string | undefined }[] {
  return (sent ?? []).map((tag) => ({ key: tag.Key, value: tag.Value }));
}

/** Labels for a new resource: sorted by key, the last one of a key counts. */
export function tagsToKeep(
  sent: readonly Input<typeof members>[] | undefined,
): { readonly key: string; readonly value: string }[] {
  const byKey = new Map((sent ?? []).map((tag) => [tag.Key, tag.Value ?? '']));
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => ({ key, value }));
}
