import type { Secret } from '../core/secret.ts';

/** One independent way to the root key. Any one that works suffices. */
export interface Unwrapper {
  /** Unique within the configuration; names the wrapped copy it opens. */
  readonly id: string;
  readonly type: 'file' | 'shares';
  /** In words, for status and doctor; no secrets. */
  readonly description: string;
  /** The key-encryption key of 32 bytes. Throws {@link UnwrapperUnusable} when it cannot be had now. */
  readonly key: () => Promise<Secret>;
  /** Makes the key unless there is one, where that is allowed; elsewhere the operator has to. */
  readonly create: () => Promise<void>;
}

/** The unwrapper's key cannot be had: file missing, too few shares, wrong permissions. */
export class UnwrapperUnusable extends Error {
  /** What the operator should do. */
  readonly advice: string;
  constructor(message: string, advice: string) {
    super(message);
    this.name = 'UnwrapperUnusable';
    this.advice = advice;
  }
}

/** Nothing of the unwrapper's key is here, which is as it should be while its holders keep it: it only cannot be tried. */
export class UnwrapperAway extends UnwrapperUnusable {
  constructor(message: string, advice: string) {
    super(message, advice);
    this.name = 'UnwrapperAway';
  }
}
