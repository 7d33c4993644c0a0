import { classifyStandard } from '../../../hsm-worker/classify.ts';
import type { Verdict } from '../profile.ts';

/** SoftHSM answers CKR_GENERAL_ERROR to a wrong GCM tag and to a damaged wrapped key, so it stays unclear. */
export function classifySofthsm2(name: string): Verdict {
  return classifyStandard(name);
}
