import { kmsArn } from '../../core/arn.ts';
import { KEYS, type KeyRecord } from '../../domain/kms/key.ts';
import type { LookupContext } from '../../operation/context.ts';
import { text } from '../../schema/fields.ts';
import { structList } from '../../schema/list-fields.ts';
import { out } from '../../schema/output.ts';
import { pageToken, pageTokenOf } from '../../schema/page-token.ts';
import { reads } from './_product.ts';
import {
  findResources,
  keysOf,
  resourceIds,
  resourcesFound,
  resourcesInput,
  resourcesPermission,
  resourcesReferences,
} from './_tagged-resources.ts';
import { MAX_TAGS } from './_tags.ts';

const ROWS = 200;
const SCAN_PAGE = 500;
/** Pages of keys that one call looks through at most, however few carry the tags. */
const SCAN_PAGES = 10;

interface Wanted {
  readonly Key: string;
  readonly Value: string | undefined;
}

interface Row {
  readonly key: string;
  readonly value: string;
  readonly keyId: string;
}

function rowsOf(key: KeyRecord, wanted: readonly Wanted[]): readonly Row[] {
  const fits = wanted.every(({ Key, Value }) =>
    key.tags.some((tag) => tag.key === Key && (Value === undefined || tag.value === Value)),
  );
  return fits ? key.tags.map((tag) => ({ ...tag, keyId: key.keyId })) : [];
}

/**
 * Rows of keys beyond `after`, ordered by key; a key's rows are never torn apart, so that its id can be the token. Ends
 * early, perhaps without a row, when it has looked through many keys.
 */
async function rowsAfter(
  ctx: LookupContext,
  named: readonly KeyRecord[] | undefined,
  wanted: readonly Wanted[],
  after: string,
): Promise<{ readonly rows: readonly Row[]; readonly next: string }> {
  const rows: Row[] = [];
  let last = after;
  for (let pages = 1; ; pages += 1) {
    const page =
      named?.filter(({ keyId }) => keyId > last) ??
      (await ctx.read.list(KEYS, ctx.place, { ...(last === '' ? {} : { after: last }), limit: SCAN_PAGE }));
    for (const key of page) {
      const more = rowsOf(key, wanted);
      if (rows.length + more.length > ROWS) return { rows, next: last };
      rows.push(...more);
      last = key.keyId;
    }
    if (named !== undefined || page.length < SCAN_PAGE) return { rows, next: '' };
    if (pages === SCAN_PAGES) return { rows, next: last };
  }
}

export const ListTagResources = reads({
  product: 'Kms',
  name: 'ListTagResources',
  origin: 'vendor',
  title: 'Lists tags of keys, by key.',
  notes:
    'Named keys, or all of the region, that carry every tag given; a tag without a value stands for any value. At most 200 rows at once; NextToken is empty at the end, and may come with few rows or none where few keys carry the tags.',
  input: {
    ...resourcesInput,
    ResourceId: resourceIds(false),
    Tag: structList(
      {
        Key: text({ doc: 'Key of the tag.', required: true, max: 256 }),
        Value: text({ doc: 'Value of the tag; left out: any.', max: 256 }),
      },
      { doc: 'Tags that a key must carry.', maxItems: MAX_TAGS },
    ),
    NextToken: pageToken({ doc: 'Token of the previous answer.' }),
  },
  output: {
    NextToken: out.text('Token for the next rows; empty at the end.'),
    TagResources: out.list('The rows.', 'TagResource', {
      ResourceId: out.text('Id of the key.'),
      ResourceType: out.text('`key`.'),
      TagKey: out.text('Key of the tag.'),
      TagValue: out.text('Value of the tag.'),
    }),
  },
  resolve: (ctx, input) => findResources(ctx, input),
  permissions: [
    resourcesPermission('kms:ListTagResources'),
    {
      action: 'kms:ListTagResources',
      resource: 'acs:kms:{region}:{account}:{ResourceType}',
      arns: ({ ctx, resolved }) =>
        kmsArn(ctx.region, ctx.account, resolved.type === 'instance' ? 'keystore' : resolved.type),
      when: ({ resolved }) => resolved.keys.length === 0,
    },
  ],
  guards: [resourcesFound],
  throttle: 'query',
  errors: ['InvalidParameter'],
  references: resourcesReferences,
  handle: async (ctx, input, resources) => {
    const named = [...keysOf(resources)].sort((a, b) => (a.keyId < b.keyId ? -1 : 1));
    const source = resources.type !== 'key' || resources.keys.length > 0 ? named : undefined;
    const { rows, next } = await rowsAfter(ctx, source, input.Tag ?? [], input.NextToken ?? '');
    return {
      NextToken: next === '' ? '' : pageTokenOf(next),
      TagResources: rows.map(({ keyId, key, value }) => ({
        ResourceId: keyId,
        ResourceType: 'key',
        TagKey: key,
        TagValue: value,
      })),
    };
  },
});
