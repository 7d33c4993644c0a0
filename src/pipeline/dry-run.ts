import type { Parameters } from '../core/parameters.ts';
import { type Fault, fail } from '../errors/fault.ts';
import type { Operation } from '../operation/operation.ts';

/** Whether the caller asked for checks only. */
export function isDryRun(operation: Operation, input: unknown): boolean {
  const name = operation.parameterRoles.dryRun;
  return name !== undefined && (input as Record<string, unknown>)[name] === true;
}

/** A dry run's refusals have codes of their own; other calls keep theirs. */
export function dryRunRefusal(call: { operation: Operation; parameters: Parameters }, fault: Fault): Fault {
  const name = call.operation.parameterRoles.dryRun;
  if (name === undefined || call.parameters.get(name)?.toLowerCase() !== 'true') return fault;
  if (fault.code === 'DryRunOperationError' || fault.code === 'SignatureNonceUsed') return fault;
  // Slowing down or coming back later is no answer to the dry run's question.
  if (fault.status === 429 || fault.status >= 500) return fault;
  const detail = fault.detail === undefined ? {} : { detail: fault.detail };
  if (fault.status === 403) return fail('AccessDeniedError', { detail: fault.message }, detail);
  return fail('ValidationError', { detail: fault.message });
}
