import { JsonRefused, plainJson, readJson } from '../core/json.ts';
import type { Parameters } from '../core/parameters.ts';
import { Secret } from '../core/secret.ts';
import type { Field } from './field.ts';
import { type FieldOptions, field, type Present } from './make-field.ts';
import { FieldRejected } from './rejected.ts';
import { readText, type TextLimits, textBreaches, textLimits } from './text-limits.ts';

export function text<const O extends FieldOptions<string> & TextLimits>(options: O): Field<string, Present<O>> {
  return field(options, {
    type: 'String',
    limits: textLimits(options),
    secret: options.masked ?? false,
    breaches: textBreaches(options),
    read: (source, name) => readText(source, name, options),
  });
}

/** One of a fixed set of words, typed as their union. */
export function choice<const C extends readonly string[], const O extends FieldOptions<C[number]>>(
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
export function secretText<const O extends FieldOptions<Secret> & TextLimits>(options: O): Field<Secret, Present<O>> {
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

export function flag<const O extends FieldOptions<boolean>>(options: O): Field<boolean, Present<O>> {
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
  return field<boolean, FieldOptions<boolean>>(
    { doc: 'Checks the call without doing it; the answer is then always an error.' },
    { type: 'Boolean', limits: '`true`, `false`', role: 'dry-run', breaches: ['value'], read: readFlag },
  ) as Field<boolean, false>;
}

/** Makes a repeated call with the same token and parameters return the first answer. */
export function clientToken(): Field<string, false> {
  const limits: TextLimits = { max: 64, pattern: /^[\x21-\x7e]*$/, form: 'printable ASCII' };
  return field<string, FieldOptions<string>>(
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
export function integer<
  const O extends FieldOptions<number> & { min?: number; max?: number; type?: 'Integer' | 'Long' },
>(options: O): Field<number, Present<O>> {
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

/** JSON text in one parameter; `parse` gets the parsed value and returns the typed one, or throws {@link FieldRejected}. */
export function json<T, const O extends FieldOptions<T> & { limits?: string; maxLength?: number; secret?: boolean }>(
  options: O,
  parse: (value: unknown, name: string) => T,
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
        parsed = plainJson(readJson(value));
      } catch (error) {
        if (!(error instanceof JsonRefused)) throw error;
        throw new FieldRejected(name, error.kind === 'syntax' ? 'json' : 'value', `${name}: ${error.message}`);
      }
      return parse(parsed, name);
    },
  });
}
