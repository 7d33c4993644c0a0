/** One API error. The texts of vendor codes are the vendor's, misspellings included: clients match on some of them. */
export interface ErrorRow {
  /** HTTP status. */
  readonly status: number;
  /** Message template; `{name}` is filled from the parameters of the fault. */
  readonly message: string;
  /** What the caller should do next; printed in the reference. */
  readonly advice: string;
  /** Who defined the code: the vendor, or Coffer where the vendor publishes nothing. */
  readonly origin: 'vendor' | 'coffer';
}

/** A row of the vendor's own wording. */
export function vendor<const S extends number>(status: S, message: string, advice = ''): ErrorRow {
  return { status, message, advice, origin: 'vendor' };
}

/** A row of ours, for what no public source names. */
export function ours<const S extends number>(status: S, message: string, advice: string): ErrorRow {
  return { status, message, advice, origin: 'coffer' };
}
