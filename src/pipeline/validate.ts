import type { Parameters } from '../core/parameters.ts';
import type { Product } from '../domain/products.ts';
import { Fault, fail, missingInCode } from '../errors/fault.ts';
import { errorRow } from '../errors/table.ts';
import type { Operation } from '../operation/operation.ts';
import { type InputFields, readInput } from '../schema/field.ts';
import { FieldRejected, type RejectReason } from '../schema/rejected.ts';

const IN_CODE_SUFFIX: Readonly<Record<RejectReason, string>> = {
  missing: '',
  chars: '.InvalidChars',
  length: '.Length',
  format: '.Format',
  value: '',
  json: '.Format',
};

/** One rule, two renderings: products name the parameter in the text, or in the code. */
export function parameterFault(product: Product, rejected: FieldRejected): Fault {
  const { parameter, reason } = rejected;
  if (product.parameterErrors === 'in-code') {
    if (reason === 'missing') return missingInCode(parameter);
    const declared =
      errorRow(`InvalidParameter.${parameter}${IN_CODE_SUFFIX[reason]}`) ?? errorRow(`InvalidParameter.${parameter}`);
    const code = errorRow(`InvalidParameter.${parameter}${IN_CODE_SUFFIX[reason]}`)
      ? `InvalidParameter.${parameter}${IN_CODE_SUFFIX[reason]}`
      : `InvalidParameter.${parameter.replaceAll(/\.\d+/g, '')}`;
    // A text with a place to fill is for the handler, which knows with what.
    const fitting = declared?.message.includes('{') ? undefined : declared?.message;
    return new Fault(code, 400, fitting ?? `The parameter - "${parameter}" is not valid: ${rejected.message}.`);
  }
  if (reason === 'missing') return fail('MissingParameter', { name: parameter });
  if (reason === 'json') return fail('ParseRequestParameterException', { name: parameter });
  return fail('InvalidParameter', { name: parameter });
}

/** Every code that {@link validate} may throw for an operation. */
export function parameterCodes({ input }: Operation, product: Product): ReadonlySet<string> {
  const codes = new Set<string>();
  const visit = (fields: InputFields, prefix: string): void => {
    for (const [name, { required, breaches, members }] of Object.entries(fields)) {
      const parameter = `${prefix}${name}`;
      const reasons: readonly RejectReason[] = required ? ['missing', ...breaches] : breaches;
      for (const reason of reasons) codes.add(parameterFault(product, new FieldRejected(parameter, reason, '')).code);
      if (members !== undefined) visit(members, `${parameter}.1.`);
    }
  };
  visit(input, '');
  return codes;
}

/** Reads the declared input; throws the product's own parameter error. Parameters nobody declared are ignored. */
export function validate(
  operation: Operation,
  product: Product,
  parameters: Parameters,
): Readonly<Record<string, unknown>> {
  try {
    return readInput(operation.input, parameters);
  } catch (error) {
    throw error instanceof FieldRejected ? parameterFault(product, error) : error;
  }
}
