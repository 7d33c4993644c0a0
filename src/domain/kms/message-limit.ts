import type { Place } from '../storage.ts';

/**
 * How many messages one key version may encrypt. IVs are random 96-bit values, so a version must stay far from 2^32
 * messages (NIST SP 800-38D, 8.3). See docs/inside/decisions for the reasoning.
 */
export interface MessageLimits {
  /** From this many messages on, the key gets a new primary version by itself. */
  readonly rotateAt: number;
  /** From this many messages on, the version refuses new ones. */
  readonly refuseAt: number;
  /** A node looks at the shared counter again after so many messages of its own. */
  readonly strideMessages: number;
}

/** 2^31 to rotate; 2^32 − 2^24 to refuse: the gap is what 256 nodes may encrypt between two looks at the counter. */
export const MESSAGE_LIMITS: MessageLimits = {
  rotateAt: 2 ** 31,
  refuseAt: 2 ** 32 - 2 ** 24,
  strideMessages: 2 ** 15,
};

/** Knows how many messages versions have encrypted, and starts the rotation of those that near their limit. */
export interface MessageLedger {
  /**
   * Takes one message out of the version's allowance; false when there is none left. Whoever encrypts also counts the
   * message durably with `ctx.count`.
   */
  take(place: Place, keyId: string, versionId: string): Promise<boolean>;
}
