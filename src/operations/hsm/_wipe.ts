import { HSM_INSTANCES } from '../../domain/hsm-service/instance.ts';
import type { InstanceEvent } from '../../domain/hsm-service/instance-states.ts';
import { wipeTask } from '../../domain/hsm-service/wipe-task.ts';
import type { WriteContext } from '../../operation/context.ts';
import { claim } from './_device.ts';
import { hsmOf, type NamedInstance, stateAfter } from './_instance.ts';
import type { HsmPorts } from './_product.ts';

export const WIPE_ERRORS = ['OperationConflict.Hsm'] as const;

/** Handler of the operations that destroy what is in an HSM: the state says so first, the task wipes after the commit. May raise {@link WIPE_ERRORS}. */
export function wipesBy(event: InstanceEvent) {
  return async (
    ctx: WriteContext<HsmPorts, never>,
    _input: unknown,
    named: NamedInstance,
  ): Promise<Record<never, never>> => {
    const hsm = hsmOf(named);
    claim(ctx, [hsm.instanceId]);
    await ctx.tx.update(HSM_INSTANCES, ctx.place, { ...hsm, state: stateAfter(hsm, event) });
    await ctx.tx.enqueue(wipeTask(ctx.place, hsm.instanceId));
    return {};
  };
}
