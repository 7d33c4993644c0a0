/** Why a field's value was not taken. The pipeline turns it into the product's own error code. */
export type RejectReason = 'missing' | 'chars' | 'length' | 'format' | 'value' | 'json';

/** A parameter that does not fit its declaration. */
export class FieldRejected extends Error {
  /** Name as the caller writes it, `Tag.2.Key` inside lists. */
  readonly parameter: string;
  readonly reason: RejectReason;
  constructor(parameter: string, reason: RejectReason, detail: string) {
    super(detail);
    this.name = 'FieldRejected';
    this.parameter = parameter;
    this.reason = reason;
  }
}
