/** Prints one JSON line per implemented operation, read from the declarations. */
import { PRODUCTS } from '../src/domain/products.ts';
import type { Operation } from '../src/operation/operation.ts';
import { OPERATIONS } from '../src/operations/index.ts';
import { parameterCodes } from '../src/pipeline/validate.ts';
import type { InputFields } from '../src/schema/field.ts';
import { permissionsOf } from './reference/permissions.ts';

interface ParameterLine {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly members?: readonly ParameterLine[];
}

function parameters(fields: InputFields): ParameterLine[] {
  return Object.entries(fields).map(([name, field]) => ({
    name,
    type: field.type,
    required: field.required,
    ...(field.members === undefined ? {} : { members: parameters(field.members) }),
  }));
}

/** Every code of its own: raised by itself and its checks, by its parameters, and when a permission is missing. */
function errorsOf(operation: Operation): string[] {
  const product = PRODUCTS[operation.product];
  const denied = operation.permissions === 'none' ? [] : [product.denied];
  return [...new Set([...operation.errors, ...parameterCodes(operation, product), ...denied])].sort();
}

export function operationLine(operation: Operation): string {
  const product = PRODUCTS[operation.product];
  return JSON.stringify({
    product: product.name,
    version: product.version,
    name: operation.name,
    origin: operation.origin,
    parameters: parameters(operation.input),
    errors: errorsOf(operation),
    actions: [...new Set(permissionsOf(operation, OPERATIONS).map(({ action }) => action))],
  });
}

if (import.meta.main) {
  // Whoever reads the first lines only, as `head` does, has not met an error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  process.stdout.write(`${OPERATIONS.map(operationLine).join('\n')}\n`);
}
