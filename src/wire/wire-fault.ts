/** Codes the wire layer refuses requests with; rows of the error table. */
export const WIRE_FAULT_CODES = [
  'InvalidPath',
  'UnsupportedHTTPMethod',
  'MalformedRequest',
  'DuplicateParameter',
  'MissingAction',
  'MissingVersion',
  'MissingAccessKeyId',
  'IncompleteSignature',
  'InvalidSignatureMethod',
  'IllegalTimestamp',
  'InvalidTimeStamp.Format',
  'InvalidTimeStamp.Expired',
] as const;
export type WireFaultCode = (typeof WIRE_FAULT_CODES)[number];

/** A request that cannot be taken, before anything is known about its sender. */
export interface WireFault {
  readonly refused: true;
  readonly code: WireFaultCode;
  readonly params: Readonly<Record<string, string>>;
}

export function refuse(code: WireFaultCode, params: Readonly<Record<string, string>> = {}): WireFault {
  return { refused: true, code, params };
}
