/** Which codes the parameters of an operation may be refused with is said by their declaration alone. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PRODUCTS } from '../../src/domain/products.ts';
import { Fault } from '../../src/errors/fault.ts';
import type { Operation } from '../../src/operation/operation.ts';
import { OPERATIONS } from '../../src/operations/index.ts';
import { parameterCodes, validate } from '../../src/pipeline/validate.ts';
import type { InputFields } from '../../src/schema/field.ts';
import { Params } from '../../src/wire/params.ts';

const VALUES = fc.oneof(
  fc.constantFrom(
    '',
    '0',
    '-1',
    '1e3',
    '999999999999999999',
    'true',
    '[]',
    '[1]',
    '{}',
    '{"a":1}',
    '["x"]',
    'a,b',
    ' ',
    'é',
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.integer({ min: 40, max: 70_000 }).map((length) => 'x'.repeat(length)),
);

/** Names as they are sent: flat, and of the members and items of lists. */
function names(fields: InputFields): string[] {
  return Object.entries(fields).flatMap(([name, { type, members }]) => {
    if (members !== undefined) return names(members).map((member) => `${name}.1.${member}`);
    return type === 'Array' ? [name, `${name}.1`] : [name];
  });
}

function codeOf(operation: Operation, sent: Readonly<Record<string, string>>): string | undefined {
  try {
    validate(operation, PRODUCTS[operation.product], Params.of(sent));
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(Fault);
    return (error as Fault).code;
  }
}

describe('refused parameters', () => {
  it.each(OPERATIONS.map((operation) => [`${operation.product} ${operation.name}`, operation] as const))(
    'of %s have declared codes only',
    (_, operation) => {
      const known = parameterCodes(operation, PRODUCTS[operation.product]);
      const sent = fc.dictionary(fc.constantFrom('None', ...names(operation.input)), VALUES, { noNullPrototype: true });
      fc.assert(
        fc.property(sent, (values) => {
          const code = codeOf(operation, values);
          expect(code === undefined || known.has(code), code).toBe(true);
        }),
        { numRuns: 60 },
      );
    },
  );

  it.each([
    ['AssumeRole', ['MissingRoleArn', 'InvalidParameter.RoleSessionName', 'InvalidParameter.DurationSeconds']],
    ['CreateServiceLinkedRole', ['MissingServiceName', 'InvalidParameter.Description.Length']],
    ['CreateKey', ['InvalidParameter', 'ParseRequestParameterException']],
  ])('of %s are among them', (name, codes) => {
    const operation = OPERATIONS.find((one) => one.name === name)!;
    expect([...parameterCodes(operation, PRODUCTS[operation.product])]).toEqual(expect.arrayContaining(codes));
  });
});
