import { classifyStandard } from '../../../hsm-worker/classify.ts';
import type { Verdict } from '../profile.ts';

/** Nothing is known about the module, so codes mean what the standard says. */
export function classifyPkcs11(name: string): Verdict {
  return classifyStandard(name);
}
