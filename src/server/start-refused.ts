import type { ForOperators } from '../core/for-operators.ts';

/** The server will not start on this state or configuration; the message says why and what to do. */
export class StartRefused extends Error implements ForOperators {
  readonly forOperators = true;
  constructor(reason: string) {
    super(reason);
    this.name = 'StartRefused';
  }
}
