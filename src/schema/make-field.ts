import type { Parameters } from '../core/parameters.ts';
import type { Field, FieldType, InputFields } from './field.ts';
import type { RejectReason } from './rejected.ts';

/** What every field is declared with. */
export interface FieldOptions<T> {
  readonly doc: string;
  readonly required?: boolean;
  readonly fallback?: T;
}

/** Whether the handler always gets a value. */
export type Present<O> = O extends { required: true }
  ? true
  : O extends { fallback: string | number | boolean | object }
    ? true
    : false;

/** What a kind of field brings. */
export interface FieldParts<T> {
  readonly type: FieldType;
  readonly limits: string;
  readonly secret?: boolean;
  readonly role?: 'client-token' | 'dry-run';
  readonly members?: InputFields;
  readonly breaches: readonly RejectReason[];
  readonly read: (source: Parameters, name: string) => T | undefined;
}

/** A field made of its declaration and its kind. */
export function field<T, O extends FieldOptions<T>>(options: O, parts: FieldParts<T>): Field<T, Present<O>> {
  return {
    doc: options.doc,
    required: options.required ?? false,
    fallback: options.fallback,
    type: parts.type,
    limits: parts.limits,
    secret: parts.secret ?? false,
    role: parts.role,
    breaches: parts.breaches,
    read: parts.read,
    ...(parts.members === undefined ? {} : { members: parts.members }),
  };
}
