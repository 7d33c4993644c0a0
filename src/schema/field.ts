import type { Parameters } from '../core/parameters.ts';
import { FieldRejected, type RejectReason } from './rejected.ts';

/** Type names as the vendor's metadata writes them. */
export type FieldType = 'String' | 'Integer' | 'Long' | 'Boolean' | 'Array' | 'Json' | 'Struct';

/**
 * One input parameter: how it is read from the wire, checked, documented and masked. `Present` says whether the
 * handler always gets a value (required, or with a default).
 */
export interface Field<T, Present extends boolean = boolean> {
  readonly type: FieldType;
  /** One or more sentences for the reference, the CLI help and the coverage page. */
  readonly doc: string;
  readonly required: boolean;
  /** Never in logs or audit events. */
  readonly secret: boolean;
  /** What the pipeline does with it besides handing it over. */
  readonly role: 'client-token' | 'dry-run' | undefined;
  /** Limits in words, for the reference: `1-128 characters`. */
  readonly limits: string;
  readonly fallback: T | undefined;
  /** Why a value may be refused, besides being left out. */
  readonly breaches: readonly RejectReason[];
  /** For a parameter that puts tags on a resource: the tags of its value. They become condition keys of the request. */
  readonly tagsOf?: (value: never) => readonly SentTag[];
  /** Members of one element, for lists of structures. */
  readonly members?: InputFields;
  /** Reads the value; undefined when the parameter is absent. Throws {@link FieldRejected}. */
  readonly read: (source: Parameters, name: string) => T | undefined;
  /** Carries `Present` for inference only. */
  readonly present?: Present;
}

/** A tag that a request puts on a resource. */
export interface SentTag {
  readonly key: string;
  readonly value: string;
}

export type InputFields = Readonly<Record<string, Field<unknown>>>;

/** What a handler gets: every declared parameter, typed. */
export type Input<F extends InputFields> = {
  readonly [K in keyof F]: F[K] extends Field<infer T, infer P> ? (P extends true ? T : T | undefined) : never;
};

/** Reads and checks all fields in the order of declaration. Throws {@link FieldRejected} at the first that does not fit. */
export function readInput<F extends InputFields>(fields: F, source: Parameters): Input<F> {
  const input: Record<string, unknown> = {};
  for (const name in fields) {
    const field = fields[name]!;
    const value = field.read(source, name);
    if (value === undefined) {
      if (field.required) throw new FieldRejected(name, 'missing', `${name} is required`);
      input[name] = field.fallback;
    } else {
      input[name] = value;
    }
  }
  return input as Input<F>;
}
