import { table } from '../core/table.ts';
import { GATEWAY_ERRORS } from './codes/gateway.ts';
import { HSM_ERRORS } from './codes/hsm.ts';
import { KMS_ERRORS } from './codes/kms.ts';
import { NETWORK_ERRORS } from './codes/network.ts';
import { RAM_ERRORS } from './codes/ram.ts';
import { TRAIL_ERRORS } from './codes/trail.ts';
import type { ErrorRow } from './row.ts';

/** Every error the API can answer, by code. One row is all there is to know about an error. */
export const ERRORS = table({
  ...GATEWAY_ERRORS,
  ...KMS_ERRORS,
  ...RAM_ERRORS,
  ...NETWORK_ERRORS,
  ...HSM_ERRORS,
  ...TRAIL_ERRORS,
});

/** The closed union of error codes. */
export type ErrorCode = keyof typeof ERRORS;

/** The row of a code computed at run time (parameter errors carry the parameter's name in the code). */
export function errorRow(code: string): ErrorRow | undefined {
  return Object.hasOwn(ERRORS, code) ? ERRORS[code as ErrorCode] : undefined;
}
