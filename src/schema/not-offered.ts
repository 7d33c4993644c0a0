import type { Parameters } from '../core/parameters.ts';
import type { Field, FieldType } from './field.ts';
import { FieldRejected } from './rejected.ts';

function sent(source: Parameters, name: string): boolean {
  const value = source.get(name);
  if (value !== undefined) return value !== '' && value !== 'false' && value !== '0';
  return source.list(name).length > 0 || [...source.group(name).names()].length > 0;
}

/**
 * A parameter of the vendor's that asks for something Coffer does not have. Sent empty, `false` or `0` it asks for
 * nothing and is taken; anything else is refused rather than ignored.
 */
export function notOffered(type: FieldType = 'String', doc = 'Not offered; leave it out.'): Field<string, false> {
  return {
    type,
    doc,
    required: false,
    secret: false,
    role: undefined,
    limits: 'must be left out',
    fallback: undefined,
    breaches: ['value'],
    read: (source, name) => {
      if (sent(source, name)) throw new FieldRejected(name, 'value', `${name} is not offered here`);
      return undefined;
    },
  };
}
