import type { Place } from '../place.ts';
import type { TaskRequest } from '../task-request.ts';

/** Type of the task that wipes an HSM after its state has become `RESET` or `INVALID`. */
export const HSM_WIPE = 'hsm.wipe';

export interface HsmWipe {
  readonly instanceId: string;
}

/** The wipe of one HSM: zeroised, and given back when its state says so. */
export function wipeTask(place: Place, instanceId: string): TaskRequest {
  return { type: HSM_WIPE, place, payload: { instanceId } satisfies HsmWipe, key: `${HSM_WIPE}/${instanceId}` };
}
