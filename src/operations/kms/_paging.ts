import { integer } from '../../schema/fields.ts';
import { out } from '../../schema/output.ts';

/** `PageNumber` and `PageSize`. A page past the end is empty, not an error. */
export const pageInput = {
  PageNumber: integer({ doc: 'Which page, from 1.', fallback: 1, min: 1, max: 1_000_000_000 }),
  PageSize: integer({ doc: 'Items on a page.', fallback: 10, min: 1, max: 100 }),
};

/** What every paged answer says of itself. */
export const pageOutput = {
  PageNumber: out.integer('The page, as asked for.'),
  PageSize: out.integer('Items on a page, as asked for.'),
  TotalCount: out.integer('How many there are on all pages.'),
};

interface Page {
  readonly PageNumber: number;
  readonly PageSize: number;
}

/** Where the page begins and how long it is, as the storage takes it. */
export function pageWindow(page: Page): { readonly offset: number; readonly limit: number } {
  return { offset: (page.PageNumber - 1) * page.PageSize, limit: page.PageSize };
}

/** The echo of the page with the total. */
export function pageAnswer(page: Page, total: number) {
  return { PageNumber: page.PageNumber, PageSize: page.PageSize, TotalCount: total };
}
