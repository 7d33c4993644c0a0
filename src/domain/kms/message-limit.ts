import type { Place } from '../storage.ts';

/**
 * How many messages one key version may encrypt. IVs are random 96-bit values, so a version must stay below 2^32
 * messages (NIST SP 800-38D, 8.3). The reasoning is in docs/inside/decisions.
 */
export interface MessageLimits {
  /** From this many messages on, the key gets a new primary version by itself. */
  readonly rotateAt: number;
  /** From this many messages on, the version refuses new ones. */
  readonly refuseAt: number;
  /** The rotation is asked for again after so many more messages, in case the first order came to nothing. */
  readonly askAgainAfter: number;
}

/** 2^31 to rotate; 2^32 − 2^24 to refuse: the gap is for what all nodes have under way and have not told each other. */
export const MESSAGE_LIMITS: MessageLimits = {
  rotateAt: 2 ** 31,
  refuseAt: 2 ** 32 - 2 ** 24,
  askAgainAfter: 2 ** 20,
};

/** Knows how many messages versions have encrypted, and starts the rotation of those that near their limit. */
export interface MessageLedger {
  /**
   * Whether the version may encrypt one more message. Whoever encrypts also counts the message durably with
   * `ctx.count`.
   */
  admits(place: Place, keyId: string, versionId: string): Promise<boolean>;
}
