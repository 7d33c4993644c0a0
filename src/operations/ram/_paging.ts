import { integer } from '../../schema/fields.ts';
import { optional, out } from '../../schema/output.ts';
import { pageToken, pageTokenOf } from '../../schema/page-token.ts';

export const pageInput = {
  Marker: pageToken({ doc: '`Marker` of the answer before, when that was truncated.' }),
  MaxItems: integer({ doc: 'Items on a page.', fallback: 100, min: 1, max: 1000 }),
};

export const pageOutput = {
  IsTruncated: out.flag('There is more.'),
  Marker: optional(out.text('Where the next page begins; only when there is one.')),
};

interface Page {
  readonly Marker: string | undefined;
  readonly MaxItems: number;
}

/** Where the page begins; one item more than asked for, to see whether there is a next page. */
export function pageWindow(page: Page): { readonly limit: number; readonly after?: string } {
  return { limit: page.MaxItems + 1, ...(page.Marker === undefined ? {} : { after: page.Marker }) };
}

/** The items of the page and what the answer says of it. `id` is what the list is ordered by. */
export function pageOf<T>(page: Page, found: readonly T[], id: (item: T) => string) {
  const items = found.slice(0, page.MaxItems);
  const truncated = found.length > items.length;
  const last = items.at(-1);
  return {
    items,
    answer: { IsTruncated: truncated, Marker: truncated && last !== undefined ? pageTokenOf(id(last)) : undefined },
  };
}
