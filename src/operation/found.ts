import { fail } from '../errors/fault.ts';
import type { ErrorCode } from '../errors/table.ts';
import type { Guard } from './operation.ts';

/** The guard that what the caller named exists: that of what was resolved, this is not undefined. */
export function found<R>(code: ErrorCode, doc: string, of: (resolved: R) => unknown): Guard<R> {
  return {
    errors: [code],
    doc,
    check: (resolved) => {
      if (of(resolved) === undefined) throw fail(code);
    },
  };
}

/** What a guard has made sure of. Without one on the operation it is a defect. */
export function sure<T>(value: T | undefined, guard: string): T {
  if (value === undefined) throw new Error(`the operation lacks the guard ${guard}`);
  return value;
}
