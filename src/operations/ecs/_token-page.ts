import { fail } from '../../errors/fault.ts';
import { integer, text } from '../../schema/fields.ts';
import { optional, out } from '../../schema/output.ts';
import { pageAnswer, pageNumberInput, pageNumberOutput, pageOf } from '../../schema/page-number.ts';
import { pageTokenOf, placeOf } from '../../schema/page-token.ts';

/** Both ways of ECS to ask for a page: by number, or by the token of the page before. */
export const pageInput = {
  ...pageNumberInput(100),
  MaxResults: integer({ doc: 'Items on a page when paging by NextToken.', min: 1, max: 1000 }),
  NextToken: text({ doc: 'NextToken of the page before.', max: 512 }),
};

export const pageOutput = {
  ...pageNumberOutput,
  NextToken: optional(out.text('To be sent to get the next page; absent on the last, and when paging by number.')),
};

interface PageWish {
  readonly PageNumber: number;
  readonly PageSize: number;
  readonly MaxResults: number | undefined;
  readonly NextToken: string | undefined;
}

const DEFAULT_RESULTS = 10;

/** The wished part of items ordered by id, and the members that describe it. */
export function tokenPage<T>(all: readonly T[], wish: PageWish, id: (item: T) => string) {
  const about = pageAnswer(wish, all.length);
  if (wish.MaxResults === undefined && wish.NextToken === undefined) {
    return { items: pageOf(all, wish.PageNumber, wish.PageSize), about };
  }
  const after = wish.NextToken === undefined ? '' : readToken(wish.NextToken);
  const rest = all.filter((item) => id(item) > after);
  const items = rest.slice(0, wish.MaxResults ?? DEFAULT_RESULTS);
  const more = items.length < rest.length;
  return { items, about: { ...about, ...(more ? { NextToken: pageTokenOf(id(items.at(-1)!)) } : {}) } };
}

function readToken(token: string): string {
  const place = placeOf(token);
  if (place === undefined) throw fail('InvalidNextToken');
  return place;
}
