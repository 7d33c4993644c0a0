/** Waits between attempts at a member that failed: the first, doubled each time, up to the last. Milliseconds. */
export interface CircuitLimits {
  readonly firstMs: number;
  readonly lastMs: number;
}

export const CIRCUIT_LIMITS: CircuitLimits = { firstMs: 100, lastMs: 30_000 };

/** How often a member failed in a row, and when it may be tried again. */
export interface Circuit {
  readonly failures: number;
  /** Monotonic milliseconds; 0 while closed. */
  readonly retryAt: number;
}

export const CLOSED: Circuit = { failures: 0, retryAt: 0 };

export function failed(circuit: Circuit, now: number, limits: CircuitLimits): Circuit {
  const wait = Math.min(limits.lastMs, limits.firstMs * 2 ** Math.min(circuit.failures, 30));
  return { failures: circuit.failures + 1, retryAt: now + wait };
}

export function mayTry(circuit: Circuit, now: number): boolean {
  return now >= circuit.retryAt;
}
