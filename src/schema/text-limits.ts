import type { Parameters } from '../core/parameters.ts';
import { FieldRejected, type RejectReason } from './rejected.ts';

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

/** The limits in words, for the reference. */
export function textLimits(limits: TextLimits): string {
  const parts: string[] = [];
  if (limits.choices !== undefined) parts.push(limits.choices.map((choice) => `\`${choice}\``).join(', '));
  if (limits.max !== undefined) parts.push(`${limits.min ?? 1}-${limits.max} characters`);
  else if (limits.min !== undefined && limits.min > 1) parts.push(`at least ${limits.min} characters`);
  if (limits.maxBytes !== undefined) parts.push(`at most ${limits.maxBytes} bytes`);
  if (limits.form !== undefined) parts.push(limits.form);
  return parts.join('; ');
}

/** Why a text may be refused. */
export function textBreaches({
  choices,
  min = 1,
  max,
  maxBytes,
  pattern,
  breach = 'chars',
}: TextLimits): RejectReason[] {
  const bounded = max !== undefined || maxBytes !== undefined || min > 1;
  return [
    ...(choices === undefined ? [] : (['value'] as const)),
    ...(bounded ? (['length'] as const) : []),
    ...(pattern === undefined ? [] : [breach]),
  ];
}

/** Throws {@link FieldRejected} where the text does not fit. */
export function checkText(value: string, name: string, limits: TextLimits): void {
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

/** Reads and checks a text; undefined when it is absent. */
export function readText(source: Parameters, name: string, limits: TextLimits): string | undefined {
  const value = source.get(name);
  if (value === undefined || (value === '' && limits.min !== 0)) return undefined;
  checkText(value, name, limits);
  return value;
}
