import { type Field, type Input, type InputFields, readInput } from './field.ts';
import { type FieldOptions, field, type Present } from './make-field.ts';
import { FieldRejected } from './rejected.ts';
import { checkText, type TextLimits, textBreaches, textLimits } from './text-limits.ts';

/**
 * A list of texts: `Name.1`, `Name.2`, …, or one parameter holding a JSON array or comma-separated text, since clients
 * write all three.
 */
export function textList<const O extends FieldOptions<readonly string[]> & TextLimits & { maxItems?: number }>(
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
export function structList<
  F extends InputFields,
  const O extends FieldOptions<readonly Input<F>[]> & { maxItems?: number },
>(members: F, options: O): Field<readonly Input<F>[], Present<O>> {
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
