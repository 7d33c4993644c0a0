import type { Parameters } from '../core/parameters.ts';
import { Secret } from '../core/secret.ts';
import { type Field, type FieldType, type Input, type InputFields, readInput } from './field.ts';
import { FieldRejected, type RejectReason } from './rejected.ts';

interface Common<T> {
  readonly doc: string;
  readonly required?: boolean;
  readonly fallback?: T;
}

type Present<O> = O extends { required: true }
  ? true
  : O extends { fallback: string | number | boolean | object }
    ? true
    : false;

interface Parts<T> {
  readonly type: FieldType;
  readonly limits: string;
  readonly secret?: boolean;
  readonly role?: 'client-token' | 'dry-run';
  readonly members?: InputFields;
  readonly breaches: readonly RejectReason[];
  readonly read: (source: Parameters, name: string) => T | undefined;
}

function field<T, O extends Common<T>>(options: O, parts: Parts<T>): Field<T, Present<O>> {
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

/** Limits of a text. Lengths count UTF-16 units, except `maxBytes` (UTF-8). An empty text counts as absent unless `min` is 0. */
export interface TextLimits {
  readonly min?: number;
  readonly max?: number;
  readonly maxBytes?: number;
  /** The whole text must match. */
  readonly pattern?: RegExp;
  /** The pattern in words, for the reference. */
  readonly form?: string;
  /** How a text that does not match is named in the error: by its characters (default) or its format. */
  readonly breach?: 'chars' | 'format';
  readonly choices?: readonly string[];
  /** Masked in audit events although the handler gets plain text (ciphertexts). */
  readonly masked?: boolean;
}

function textLimits(limits: TextLimits): string {
  const parts: string[] = [];
  if (limits.choices !== undefined) parts.push(limits.choices.map((choice) => `\`${choice}\``).join(', '));
  if (limits.max !== undefined) parts.push(`${limits.min ?? 1}-${limits.max} characters`);
  else if (limits.min !== undefined && limits.min > 1) parts.push(`at least ${limits.min} characters`);
  if (limits.maxBytes !== undefined) parts.push(`at most ${limits.maxBytes} bytes`);
  if (limits.form !== undefined) parts.push(limits.form);
  return parts.join('; ');
}

function textBreaches({ choices, min = 1, max, maxBytes, pattern, breach = 'chars' }: TextLimits): RejectReason[] {
  const bounded = max !== undefined || maxBytes !== undefined || min > 1;
  return [
    ...(choices === undefined ? [] : (['value'] as const)),
    ...(bounded ? (['length'] as const) : []),
    ...(pattern === undefined ? [] : [breach]),
  ];
}

function checkText(value: string, name: string, limits: TextLimits): void {
  if (limits.choices !== undefined && !limits.choices.includes(value)) {
    throw new FieldRejected(name, 'value', `${name} is none of ${limits.choices.join(', ')}`);
  }
  const { min = 1, max } = limits;
  if (value.length < min || (max !== undefined && value.length > max)) {
    const bounds = max === undefined ? `at least ${min}` : `${min} to ${max}`;
    throw new FieldRejected(name, 'length', `${name} must have ${bounds} characters`);
  }
  if (limits.maxBytes !== undefined && Buffer.byteLength(value, 'utf8') > limits.maxBytes) {
    throw new FieldRejected(name, 'length', `${name} must have at most ${limits.maxBytes} bytes`);
  }
  if (limits.pattern !== undefined && !limits.pattern.test(value)) {
    throw new FieldRejected(
      name,
      limits.breach ?? 'chars',
      `${name} must be ${limits.form ?? `of the form ${limits.pattern.source}`}`,
    );
  }
}

function readText(source: Parameters, name: string, limits: TextLimits): string | undefined {
  const value = source.get(name);
  if (value === undefined || (value === '' && limits.min !== 0)) return undefined;
  checkText(value, name, limits);
  return value;
}

export function text<const O extends Common<string> & TextLimits>(options: O): Field<string, Present<O>> {
  return field(options, {
    type: 'String',
    limits: textLimits(options),
    secret: options.masked ?? false,
    breaches: textBreaches(options),
    read: (source, name) => readText(source, name, options),
  });
}

/** One of a fixed set of words, typed as their union. */
export function choice<const C extends readonly string[], const O extends Common<C[number]>>(
  choices: C,
  options: O,
): Field<C[number], Present<O>> {
  return field<C[number], O>(options, {
    type: 'String',
    limits: textLimits({ choices }),
    breaches: ['value'],
    read: (source, name) => readText(source, name, { choices }),
  });
}

/** Text that must not be printed: the handler gets a {@link Secret}. */
export function secretText<const O extends Common<Secret> & TextLimits>(options: O): Field<Secret, Present<O>> {
  return field<Secret, O>(options, {
    type: 'String',
    limits: textLimits(options),
    secret: true,
    breaches: textBreaches(options),
    read: (source, name) => {
      const value = readText(source, name, options);
      return value === undefined ? undefined : Secret.ofText(value);
    },
  });
}

export function flag<const O extends Common<boolean>>(options: O): Field<boolean, Present<O>> {
  return field<boolean, O>(options, {
    type: 'Boolean',
    limits: '`true`, `false`',
    breaches: ['value'],
    read: readFlag,
  });
}

function readFlag(source: Parameters, name: string): boolean | undefined {
  const value = source.get(name);
  if (value === undefined || value === '') return undefined;
  const lower = value.toLowerCase();
  if (lower !== 'true' && lower !== 'false') throw new FieldRejected(name, 'value', `${name} must be true or false`);
  return lower === 'true';
}

/** `DryRun=true`: everything is checked, nothing is done, and the answer is always an error that says how it would have gone. */
export function dryRun(): Field<boolean, false> {
  return field<boolean, Common<boolean>>(
    { doc: 'Checks the call without doing it; the answer is then always an error.' },
    { type: 'Boolean', limits: '`true`, `false`', role: 'dry-run', breaches: ['value'], read: readFlag },
  ) as Field<boolean, false>;
}

/** Makes a repeated call with the same token and parameters return the first answer. */
export function clientToken(): Field<string, false> {
  const limits: TextLimits = { max: 64, pattern: /^[\x21-\x7e]*$/, form: 'printable ASCII' };
  return field<string, Common<string>>(
    {
      doc: 'Token that makes the call idempotent: the same token with the same parameters gets the first answer again for 24 hours.',
    },
    {
      type: 'String',
      limits: textLimits(limits),
      role: 'client-token',
      breaches: textBreaches(limits),
      read: (source, name) => readText(source, name, limits),
    },
  ) as Field<string, false>;
}

/** A whole number. `type: 'Long'` only changes what the reference says. */
export function integer<const O extends Common<number> & { min?: number; max?: number; type?: 'Integer' | 'Long' }>(
  options: O,
): Field<number, Present<O>> {
  const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = options;
  return field<number, O>(options, {
    type: options.type ?? 'Integer',
    limits: options.min === undefined && options.max === undefined ? '' : `${options.min ?? ''}-${options.max ?? ''}`,
    breaches: ['format', ...(options.min === undefined && options.max === undefined ? [] : (['value'] as const))],
    read: (source, name) => {
      const value = source.get(name);
      if (value === undefined || value === '') return undefined;
      if (!/^-?\d{1,16}$/.test(value)) throw new FieldRejected(name, 'format', `${name} must be a whole number`);
      const number = Number(value);
      if (number < min || number > max) throw new FieldRejected(name, 'value', `${name} must be from ${min} to ${max}`);
      return number;
    },
  });
}

/** JSON text in one parameter; `parse` gets the parsed value and the text, and returns the typed one, or throws {@link FieldRejected}. */
export function json<T, const O extends Common<T> & { limits?: string; maxLength?: number; secret?: boolean }>(
  options: O,
  parse: (value: unknown, name: string, text: string) => T,
): Field<T, Present<O>> {
  return field<T, O>(options, {
    type: 'Json',
    limits: options.limits ?? '',
    secret: options.secret ?? false,
    breaches: ['json', 'length', 'value'],
    read: (source, name) => {
      const value = source.get(name);
      if (value === undefined || value === '') return undefined;
      if (value.length > (options.maxLength ?? 65_536)) throw new FieldRejected(name, 'length', `${name} is too long`);
      let parsed: unknown;
      try {
        parsed = JSON.parse(value);
      } catch {
        throw new FieldRejected(name, 'json', `${name} is not JSON`);
      }
      return parse(parsed, name, value);
    },
  });
}

/**
 * A list of texts: `Name.1`, `Name.2`, …, or one parameter holding a JSON array or comma-separated text, since clients
 * write all three.
 */
export function textList<const O extends Common<readonly string[]> & TextLimits & { maxItems?: number }>(
  options: O,
): Field<readonly string[], Present<O>> {
  return field<readonly string[], O>(options, {
    type: 'Array',
    limits: [options.maxItems === undefined ? '' : `at most ${options.maxItems}`, textLimits(options)]
      .filter(Boolean)
      .join('; '),
    breaches: ['json', 'length', ...textBreaches(options)],
    read: (source, name) => {
      const repeated = source.list(name);
      const items = repeated.length > 0 ? repeated : oneParameterList(source.get(name), name);
      if (items === undefined) return undefined;
      if (items.length > (options.maxItems ?? 1000))
        throw new FieldRejected(name, 'length', `${name} has too many items`);
      items.forEach((item, at) => {
        checkText(item, `${name}.${at + 1}`, options);
      });
      return items;
    },
  });
}

function oneParameterList(value: string | undefined, name: string): string[] | undefined {
  if (value === undefined || value === '') return undefined;
  if (!value.startsWith('[')) return value.split(',').map((item) => item.trim());
  try {
    const parsed: unknown = JSON.parse(value);
    if (Array.isArray(parsed) && parsed.every((item) => typeof item === 'string')) return parsed;
  } catch {
    // falls through to the refusal
  }
  throw new FieldRejected(name, 'json', `${name} must be a JSON array of texts`);
}

/** A list of structures `Name.N.Member`. */
export function structList<F extends InputFields, const O extends Common<readonly Input<F>[]> & { maxItems?: number }>(
  members: F,
  options: O,
): Field<readonly Input<F>[], Present<O>> {
  return field<readonly Input<F>[], O>(options, {
    type: 'Array',
    limits: options.maxItems === undefined ? '' : `at most ${options.maxItems}`,
    members,
    breaches: ['length'],
    read: (source, name) => {
      const groups = source.structs(name);
      if (groups.length === 0) return undefined;
      if (groups.length > (options.maxItems ?? 1000))
        throw new FieldRejected(name, 'length', `${name} has too many items`);
      return groups.map((group, at) => {
        try {
          return readInput(members, group);
        } catch (error) {
          if (!(error instanceof FieldRejected)) throw error;
          throw new FieldRejected(`${name}.${at + 1}.${error.parameter}`, error.reason, error.message);
        }
      });
    },
  });
}
