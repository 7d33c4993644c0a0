import { isDeepStrictEqual } from 'node:util';
import { HsmError, type HsmErrorCode } from '../../domain/hsm-errors.ts';
import { HSM_INSTANCES, type HsmInstanceRecord } from '../../domain/hsm-service/instance.ts';
import type { Place, Reader } from '../../domain/storage.ts';
import { type Fault, fail } from '../../errors/fault.ts';
import type { ErrorCode } from '../../errors/table.ts';
import type { PrepareContext } from '../../operation/context.ts';
import type { HsmPorts } from './_product.ts';

/** Codes that work on a machine may end with. */
export const DEVICE_ERRORS = [
  'HsmUnreachable',
  'HsmCapacityExceeded',
  'InvalidHsmModel.NotFound',
  'OperationConflict.Hsm',
] as const satisfies readonly ErrorCode[];

const REASONS: Readonly<Partial<Record<HsmErrorCode, string>>> = {
  Timeout: 'no answer in time',
  Busy: 'too many calls are waiting',
  DeviceFailed: 'it answered wrongly',
  Unreachable: 'no connection',
  DeviceNotFound: 'this node does not have it, or its model is no longer configured',
};

/** The API's word for what went wrong in a machine. Details are for the operator's log, as the cause. */
export function deviceFault(error: HsmError): Fault {
  const options = { cause: error };
  if (error.code === 'NoCapacity') return fail('HsmCapacityExceeded', {}, options);
  if (error.code === 'DeviceNotFound' && error.deviceId === '') return fail('InvalidHsmModel.NotFound', {}, options);
  return fail('HsmUnreachable', { reason: REASONS[error.code] ?? 'it refused' }, options);
}

/** Runs device work and translates its failures. */
export async function onDevice<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof HsmError ? deviceFault(error) : error;
  }
}

/** Keeps other calls and the wipe away from the HSMs until this call has ended; refuses when one of them is claimed. */
export function claim(
  ctx: Pick<PrepareContext<HsmPorts, never>, 'ports' | 'onEnd'>,
  instanceIds: readonly string[],
): void {
  const free = ctx.ports.claims.take(instanceIds);
  if (free === undefined) throw fail('OperationConflict.Hsm');
  ctx.onEnd(free);
}

/** Refuses when the HSM's record has changed since the caller looked at it: it is another call's then. */
export async function unchanged(ctx: { readonly read: Reader; readonly place: Place }, hsm: HsmInstanceRecord) {
  const now = await ctx.read.get(HSM_INSTANCES, ctx.place, hsm.instanceId);
  if (!isDeepStrictEqual(now, hsm)) throw fail('OperationConflict.Hsm');
}

/** Runs device work while no other call works on these HSMs; they stay claimed until the call has ended. */
export async function claimed<T>(
  ctx: Pick<PrepareContext<HsmPorts, never>, 'ports' | 'onEnd' | 'read' | 'place'>,
  hsms: readonly HsmInstanceRecord[],
  work: () => Promise<T>,
): Promise<T> {
  claim(
    ctx,
    hsms.map((hsm) => hsm.instanceId),
  );
  for (const hsm of hsms) await unchanged(ctx, hsm);
  return onDevice(work);
}
