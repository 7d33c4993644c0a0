import type { Verdict } from '../../../hsm-worker/classify.ts';

/**
 * Return codes with a meaning of their own: none. A wrong GCM tag and a damaged wrapped key both read
 * CKR_GENERAL_ERROR, which the standard's table calls unclear already.
 */
export const softhsm2Verdicts: Readonly<Record<string, Verdict>> = {};
