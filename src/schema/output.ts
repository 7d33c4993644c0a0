import { PlainList, type WireObject, type WireValue } from '../core/wire-value.ts';

/** One member of an answer: its type for the handler, its form on the wire, its documentation. */
export interface Output<T> {
  readonly type: 'String' | 'Integer' | 'Boolean' | 'Object' | 'List' | 'Free';
  readonly doc: string;
  /** Never in logs or audit events. */
  readonly secret: boolean;
  /** Members of an object, or of a list's items. */
  readonly members?: OutputFields;
  readonly encode: (value: T) => WireValue;
}

/** A member that may be left out: declared with {@link optional}. */
export interface OptionalOutput<T> extends Output<T> {
  readonly optional: true;
}

export type OutputFields = Readonly<Record<string, Output<never>>>;

type Value<O> = O extends Output<infer T> ? T : never;
type Optionals<F> = { [K in keyof F]: F[K] extends OptionalOutput<never> ? K : never }[keyof F];

/** What a handler returns. */
export type Answer<F extends OutputFields> = {
  readonly [K in Exclude<keyof F, Optionals<F>>]: Value<F[K]>;
} & {
  readonly [K in Optionals<F>]?: Value<F[K]> | undefined;
};

function encodeMembers(fields: OutputFields, value: Readonly<Record<string, unknown>>): WireObject {
  const encoded: Record<string, WireValue> = {};
  for (const name in fields) {
    const member = value[name];
    if (member !== undefined) encoded[name] = fields[name]!.encode(member as never);
  }
  return encoded;
}

/** Turns a handler's answer into what the encoders write. */
export function encodeAnswer<F extends OutputFields>(fields: F, answer: Answer<F>): WireObject {
  return encodeMembers(fields, answer as Readonly<Record<string, unknown>>);
}

const same = <T extends WireValue>(value: T): T => value;

export const out = {
  text: (doc: string): Output<string> => ({ type: 'String', doc, secret: false, encode: same }),
  integer: (doc: string): Output<number> => ({ type: 'Integer', doc, secret: false, encode: same }),
  flag: (doc: string): Output<boolean> => ({ type: 'Boolean', doc, secret: false, encode: same }),
  /** Text that must not be logged; the handler gives plain text, made at the last step. */
  secret: (doc: string): Output<string> => ({ type: 'String', doc, secret: true, encode: same }),
  /** An object with declared members. */
  object: <F extends OutputFields>(doc: string, members: F): Output<Answer<F>> => ({
    type: 'Object',
    doc,
    secret: false,
    members,
    encode: (value) => encodeAnswer(members, value),
  }),
  /** A list of objects in the vendor's double wrapping: `{"Keys":{"Key":[…]}}`; the handler returns the array. */
  list: <F extends OutputFields>(doc: string, element: string, members: F): Output<readonly Answer<F>[]> => ({
    type: 'List',
    doc,
    secret: false,
    members: { [element]: out.object('', members) as Output<never> },
    encode: (items) => ({ [element]: items.map((item) => encodeAnswer(members, item)) }),
  }),
  /** A wrapped list of texts: `{"VSwitchIds":{"VSwitchId":["…"]}}`. */
  textList: (doc: string, element: string): Output<readonly string[]> => ({
    type: 'List',
    doc,
    secret: false,
    encode: (items) => ({ [element]: items }),
  }),
  /** A list that JSON shows without wrapping. */
  plainList: <F extends OutputFields>(doc: string, element: string, members: F): Output<readonly Answer<F>[]> => ({
    type: 'List',
    doc,
    secret: false,
    members,
    encode: (items) =>
      new PlainList(
        element,
        items.map((item) => encodeAnswer(members, item)),
      ),
  }),
  plainTextList: (doc: string, element: string): Output<readonly string[]> => ({
    type: 'List',
    doc,
    secret: false,
    encode: (items) => new PlainList(element, items),
  }),
  /** A list, unwrapped in JSON, of trees whose form is documented elsewhere. */
  plainFreeList: (doc: string, element: string): Output<readonly WireValue[]> => ({
    type: 'List',
    doc,
    secret: false,
    encode: (items) => new PlainList(element, items),
  }),
  /** A tree whose form is documented elsewhere (audit events). */
  free: (doc: string): Output<WireValue> => ({ type: 'Free', doc, secret: false, encode: same }),
} as const;

/** Marks a member that some answers leave out. */
export function optional<T>(output: Output<T>): OptionalOutput<T> {
  return { ...output, optional: true };
}
