import type { Secret } from '../core/secret.ts';

/**
 * Protects what is kept in the database: authenticated encryption under the root key, bound to a purpose and a place,
 * so that a sealed value moved to another record does not open.
 */
export interface Sealer {
  /** `binding` names where the value lives, e.g. `ram.access-key/1000…/LTAI…`. Returns text for a record. */
  seal(binding: string, secret: Secret): string;
  /** Opens what {@link seal} made under the same binding; throws {@link SealBroken} otherwise. */
  open(binding: string, sealed: string): Secret;
}

/** A sealed value that does not open: damaged, moved, or sealed under another root key. */
export class SealBroken extends Error {
  constructor(binding: string) {
    super(`sealed value of ${binding} does not open`);
    this.name = 'SealBroken';
  }
}
