import type { Verdict } from '../../../hsm-worker/classify.ts';

/** Nothing is known about the module: its return codes mean what the standard says. */
export const pkcs11Verdicts: Readonly<Record<string, Verdict>> = {};
