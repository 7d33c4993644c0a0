import { out } from '../../schema/output.ts';
import { pageNumberInput } from '../../schema/page-number.ts';

/** `CurrentPage` and `PageSize`, as this product writes it. */
export const pageInput = pageNumberInput(100, 20, 'CurrentPage');

export const pageOutput = {
  CurrentPage: out.integer('The page, as asked for.'),
  PageSize: out.integer('Items on a page, as asked for.'),
};
