import type { HsmErrorCode } from '../domain/hsm-errors.ts';

/** A refusal on its way to the parent: a code and a sentence without secrets. */
export class Refusal extends Error {
  readonly code: HsmErrorCode;
  /** The process is of no more use: it answers and exits, and the parent starts another. */
  readonly fatal: boolean;
  /** The HSM refused a PIN of Coffer's own. */
  readonly pin: boolean;

  constructor(code: HsmErrorCode, message: string, fatal = false, pin = false) {
    super(message);
    this.name = 'Refusal';
    this.pin = pin;
    this.code = code;
    this.fatal = fatal;
  }
}
