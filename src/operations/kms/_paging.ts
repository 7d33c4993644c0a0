import { pageNumberInput } from '../../schema/page-number.ts';

export { pageAnswer, pageNumberOutput as pageOutput, pageWindow } from '../../schema/page-number.ts';

/** `PageNumber` and `PageSize`. A page past the end is empty, not an error. */
export const pageInput = pageNumberInput(100);
