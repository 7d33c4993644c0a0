import popCore from '@alicloud/pop-core';
import { PRODUCTS, type ProductName } from '../../domain/products.ts';

/** An AccessKey as the SDKs take it. */
export interface AccessKey {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
}

/** Answers are read member by member; a missing one is an error of the story. */
// biome-ignore lint/suspicious/noExplicitAny: the vendor's core SDK returns untyped JSON
export type Answer = any;

/** An error answer as the vendor's core SDK throws it. */
export interface SdkError extends Error {
  readonly code: string;
  readonly data: Answer;
}

export type Call = (
  product: ProductName,
  operation: string,
  parameters?: Readonly<Record<string, unknown>>,
) => Promise<Answer>;

/** Calls operations through the vendor's own core SDK, which knows nothing of Coffer but its address. */
export function sdk(endpoint: string, key: AccessKey): Call {
  const clients = new Map<ProductName, popCore>();
  return (product, operation, parameters = {}) => {
    let client = clients.get(product);
    if (client === undefined) {
      client = new popCore({ ...key, endpoint, apiVersion: PRODUCTS[product].version });
      clients.set(product, client);
    }
    return client.request(operation, parameters, { method: 'POST', timeout: 60_000 });
  };
}
