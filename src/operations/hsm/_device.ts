import { isDeepStrictEqual } from 'node:util';
import { HsmError, type HsmErrorCode } from '../../domain/hsm-errors.ts';
import { HSM_INSTANCES, type HsmInstanceRecord } from '../../domain/hsm-service/instance.ts';
import type { Place, Reader, Transaction } from '../../domain/storage.ts';
import { type Fault, fail } from '../../errors/fault.ts';
import type { ErrorCode } from '../../errors/table.ts';
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
  DeviceNotFound: 'it is no longer configured',
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

/**
 * Runs device work while no other call works on these HSMs; they stay claimed until {@link settle}. An HSM whose record
 * has changed since the caller looked at it is another call's.
 */
export async function claimed<T>(
  ctx: { readonly ports: HsmPorts; readonly now: Date; readonly read: Reader; readonly place: Place },
  hsms: readonly HsmInstanceRecord[],
  work: () => Promise<T>,
): Promise<T> {
  const ids = hsms.map((hsm) => hsm.instanceId);
  const outcome = await ctx.ports.claims.during(ids, ctx.now.getTime(), async () => {
    for (const hsm of hsms) {
      const now = await ctx.read.get(HSM_INSTANCES, ctx.place, hsm.instanceId);
      if (!isDeepStrictEqual(now, hsm)) throw fail('OperationConflict.Hsm');
    }
    return onDevice(work);
  });
  if (outcome === undefined) throw fail('OperationConflict.Hsm');
  return outcome.done;
}

/** Frees the HSMs of {@link claimed} with the commit. */
export function settle(
  ctx: { readonly ports: HsmPorts; readonly tx: Transaction },
  hsms: readonly HsmInstanceRecord[],
): void {
  ctx.ports.claims.settle(
    ctx.tx,
    hsms.map((hsm) => hsm.instanceId),
  );
}
