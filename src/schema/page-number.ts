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

/** The page's part of all items. A page past the end is empty. */
export function pageOf<T>(all: readonly T[], page: number, size: number): readonly T[] {
  return all.slice((page - 1) * size, page * size);
}
