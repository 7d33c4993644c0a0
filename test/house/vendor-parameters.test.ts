import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Operation } from '../../src/operation/operation.ts';
import { OPERATIONS } from '../../src/operations/index.ts';

interface VendorParameter {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
}

const FOLDER = join(import.meta.dirname, '..', 'vectors', 'openapi-meta');
const deviations = JSON.parse(readFileSync(join(FOLDER, 'deviations.json'), 'utf8')) as Record<string, string>;
const used = new Set<string>();

function vendorOperations(product: string): Record<string, { parameters: VendorParameter[] }> | undefined {
  try {
    return JSON.parse(readFileSync(join(FOLDER, `${product}.json`), 'utf8')) as Record<
      string,
      { parameters: VendorParameter[] }
    >;
  } catch {
    return undefined;
  }
}

/** Types that mean the same on the wire: all composite parameters are text or flattened. */
const SAME: Readonly<Record<string, readonly string[]>> = {
  String: ['String', 'Json', 'Array'],
  Json: ['Json', 'String', 'Array'],
  RepeatList: ['Array'],
  Array: ['Array', 'Json'],
  Integer: ['Integer', 'Long'],
  Long: ['Long', 'Integer'],
  Boolean: ['Boolean'],
  Struct: ['Struct', 'Json'],
};

function excused(key: string, operation: Operation): boolean {
  for (const row of [key, `${operation.product}/${operation.name}/*`, `${operation.product}/*`]) {
    if (deviations[row] !== undefined) {
      used.add(row);
      return true;
    }
  }
  return false;
}

function differences(operation: Operation): string[] {
  const vendor = vendorOperations(operation.product)?.[operation.name];
  if (vendor === undefined)
    return operation.origin === 'vendor' && vendorOperations(operation.product) !== undefined
      ? [`${operation.product}/${operation.name}: not in the vendor's metadata`]
      : [];
  const found: string[] = [];
  for (const parameter of vendor.parameters) {
    const name = parameter.name.split('.')[0]!;
    const field = operation.input[name];
    const key = `${operation.product}/${operation.name}/${parameter.name}`;
    if (field === undefined) {
      if (!excused(key, operation)) found.push(`${key}: not declared`);
      continue;
    }
    if (!(SAME[parameter.type] ?? [parameter.type]).includes(field.type) && !excused(key, operation)) {
      found.push(`${key}: vendor ${parameter.type}, ours ${field.type}`);
    }
    const differs = field.required !== parameter.required;
    const known = field.required && excused(`${operation.product}/*/required`, operation);
    if (differs && !known && !excused(key, operation)) {
      found.push(
        `${key}: vendor ${parameter.required ? 'required' : 'optional'}, ours ${field.required ? 'required' : 'optional'}`,
      );
    }
  }
  for (const name of Object.keys(operation.input)) {
    const key = `${operation.product}/${operation.name}/${name}`;
    if (!vendor.parameters.some((parameter) => parameter.name.split('.')[0] === name) && !excused(key, operation))
      found.push(`${key}: not the vendor's`);
  }
  return found;
}

it('declares what the vendor publishes, or says why not', () => {
  expect(
    OPERATIONS.flatMap((operation) =>
      differences(operation).filter((line) => !excused(line.split(':')[0]!, operation)),
    ),
  ).toEqual([]);
});

it('lists no deviation that does not exist', () => {
  expect(Object.keys(deviations).filter((row) => !used.has(row))).toEqual([]);
});
