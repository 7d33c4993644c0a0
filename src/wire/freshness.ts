import { hash } from 'node:crypto';
import { MINUTE_MS, parseIsoSeconds } from '../core/time.ts';
import type { Credential } from './credential.ts';
import { refuse, type WireFault } from './wire-fault.ts';

/** How far a request's time may be from the server's, either way. */
export const CLOCK_WINDOW_MS = 15 * MINUTE_MS;

/** A request's nonce as it is remembered. */
export interface FreshNonce {
  readonly refused: false;
  /** Digest of access key id and nonce. */
  readonly key: string;
  /** Until when a replay could pass the clock window. */
  readonly until: Date;
}

/**
 * Checks the request's time against the wall clock and names its nonce. V1 requests without a nonce are legal (the
 * vendor's own KMS page has none): their signature, which covers time and parameters, stands in for it.
 */
export function freshness(credential: Credential, wall: Date): FreshNonce | WireFault {
  if (credential.timestamp === undefined || credential.timestamp === '') return refuse('IllegalTimestamp');
  const at = parseIsoSeconds(credential.timestamp);
  if (at === undefined) return refuse('InvalidTimeStamp.Format');
  if (Math.abs(at.getTime() - wall.getTime()) > CLOCK_WINDOW_MS) return refuse('InvalidTimeStamp.Expired');
  const nonce =
    credential.nonce === undefined || credential.nonce === '' ? `signature:${credential.signature}` : credential.nonce;
  const key = hash('sha256', `${credential.accessKeyId}\0${nonce}`, 'base64url');
  return { refused: false, key, until: new Date(at.getTime() + 2 * CLOCK_WINDOW_MS) };
}
