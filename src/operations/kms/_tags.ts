import type { KeyRecord, Tag } from '../../domain/kms/key.ts';
import { fail } from '../../errors/fault.ts';
import { json, text } from '../../schema/fields.ts';
import { structList } from '../../schema/list-fields.ts';
import { FieldRejected } from '../../schema/rejected.ts';
import { puttingTags, tagsToKeep } from '../../schema/resource-tags.ts';

/** Most tags a key can carry. */
export const MAX_TAGS = 20;

/** Limits of a tag's key and of its value. */
export const TAG_TEXT = /^[\p{L}\p{N}/\\_\-.+=:@]{1,128}$/u;

const RESERVED = /^(aliyun|acs:)/i;

/** Checks one tag as sent; `name` is the parameter to blame. */
export function checkedTag(key: unknown, value: unknown, name: string): Tag {
  if (typeof key !== 'string' || typeof value !== 'string')
    throw new FieldRejected(name, 'value', `${name} must hold texts`);
  if (!TAG_TEXT.test(key) || RESERVED.test(key)) throw new FieldRejected(name, 'value', `${name} has a bad tag key`);
  if (value !== '' && !TAG_TEXT.test(value)) throw new FieldRejected(name, 'value', `${name} has a bad tag value`);
  return { key, value };
}

/** Tags sorted by key; a key given twice is refused. */
export function tagSet(tags: readonly Tag[], name: string): readonly Tag[] {
  if (tags.length > MAX_TAGS) throw new FieldRejected(name, 'length', `${name} has more than ${MAX_TAGS} tags`);
  const sorted = [...tags].sort((a, b) => (a.key < b.key ? -1 : 1));
  if (sorted.some((tag, at) => tag.key === sorted[at + 1]?.key)) {
    throw new FieldRejected(name, 'value', `${name} names a tag key twice`);
  }
  return sorted;
}

/** A key with tags added, or put in the place of those of the same key. */
export function changedTags(key: KeyRecord, added: readonly Tag[]): KeyRecord {
  const kept = key.tags.filter((tag) => !added.some((other) => other.key === tag.key));
  const tags = [...kept, ...added].sort((a, b) => (a.key < b.key ? -1 : 1));
  if (tags.length > MAX_TAGS) throw fail('Rejected.LimitExceeded', { what: `tags of key ${key.keyId}` });
  return { ...key, tags };
}

/** `Tags` in the old spelling: JSON text `[{"TagKey":…,"TagValue":…}]`. */
export function tagsJson<const R extends boolean>(required: R) {
  const field = json(
    {
      doc: 'Tags as JSON: `[{"TagKey":"team","TagValue":"payments"}]`.',
      required,
      limits: `at most ${MAX_TAGS}; keys and values of 1-128 letters, digits, / \\ _ - . + = : @; keys not beginning with aliyun or acs:`,
    },
    (value, name) => {
      if (!Array.isArray(value)) throw new FieldRejected(name, 'value', `${name} must be a JSON array`);
      const tags = value.map((item: unknown) => {
        if (typeof item !== 'object' || item === null)
          throw new FieldRejected(name, 'value', `${name} must hold objects`);
        const { TagKey, TagValue } = item as { TagKey?: unknown; TagValue?: unknown };
        return checkedTag(TagKey, TagValue ?? '', name);
      });
      return tagSet(tags, name);
    },
  );
  return puttingTags(field, (tags) => tags);
}

/** `Tag.N.Key`, `Tag.N.Value` in the new spelling. */
export function tagList<const R extends boolean>(required: R) {
  const field = structList(
    {
      Key: text({ doc: 'Key of the tag.', required: true, max: 128 }),
      Value: text({ doc: 'Value of the tag.', min: 0, max: 128 }),
    },
    { doc: 'Tags.', required, maxItems: MAX_TAGS },
  );
  return puttingTags(field, tagsToKeep);
}

/** Tags of the new spelling, checked as those of the old one are. */
export function checkedTags(
  tags: readonly { readonly Key: string; readonly Value: string | undefined }[],
): readonly Tag[] {
  try {
    return tagSet(
      tags.map(({ Key, Value }) => checkedTag(Key, Value ?? '', 'Tag')),
      'Tag',
    );
  } catch (error) {
    if (error instanceof FieldRejected) throw fail('InvalidParameter', { name: 'Tag' }, { cause: error });
    throw error;
  }
}
