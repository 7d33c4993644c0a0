import { lookup } from '../core/table.ts';
import { PRODUCTS, type Product, type ProductName } from '../domain/products.ts';
import { fail } from '../errors/fault.ts';
import type { Operation } from '../operation/operation.ts';

/** All operations, found by API version and name. */
export interface Registry {
  readonly operations: readonly Operation[];
  /** The operation a request names; throws `InvalidVersion` or `InvalidAction.NotFound`. */
  find(version: string, name: string): Operation;
  /** The operation of a product, for calls between services. */
  of(product: ProductName, name: string): Operation;
}

export function productOf(operation: Operation): Product {
  return PRODUCTS[operation.product];
}

/** Builds the registry; refuses two operations of one name in one product. */
export function createRegistry(operations: readonly Operation[]): Registry {
  const byVersion: Record<string, Record<string, Operation>> = Object.create(null);
  for (const product of Object.values(PRODUCTS)) byVersion[product.version] = Object.create(null);
  for (const operation of operations) {
    const named = byVersion[productOf(operation).version]!;
    if (named[operation.name] !== undefined)
      throw new Error(`${operation.product} ${operation.name} is declared twice`);
    named[operation.name] = operation;
  }
  const find = (version: string, name: string): Operation => {
    const named = lookup(byVersion, version);
    if (named === undefined) throw fail('InvalidVersion');
    const operation = lookup(named, name);
    if (operation === undefined) throw fail('InvalidAction.NotFound');
    return operation;
  };
  return { operations, find, of: (product, name) => find(PRODUCTS[product].version, name) };
}
