import { integer } from './fields.ts';
import { out } from './output.ts';

/** `PageNumber` and `PageSize`; products differ in the largest page. */
export function pageNumberInput<N extends string = 'PageNumber'>(max: number, fallback = 10, name?: N) {
  const number = integer({ doc: 'Which page, from 1.', fallback: 1, min: 1, max: 1_000_000_000 });
  return {
    [(name ?? 'PageNumber') as N]: number,
    PageSize: integer({ doc: 'Items on a page.', fallback, min: 1, max }),
  } as { readonly [K in N]: typeof number } & { readonly PageSize: typeof number };
}

/** What every paged answer says of itself. */
export const pageNumberOutput = {
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

/** The page's part of all items. A page past the end is empty. */
export function pageOf<T>(all: readonly T[], page: number, size: number): readonly T[] {
  return all.slice((page - 1) * size, page * size);
}
