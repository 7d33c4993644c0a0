/** Operations that do nothing, to see what a caller may do. */
import { kmsArn } from '../../src/core/arn.ts';
import type { ProductName } from '../../src/domain/products.ts';
import { declare, type Operation } from '../../src/operation/operation.ts';

const { reads } = declare<unknown>();

function probe(product: ProductName, action: `${string}:${string}`, relative: string): Operation {
  return reads({
    product,
    name: action.split(':')[1]!,
    origin: 'extension',
    title: 'Does nothing.',
    input: {},
    output: {},
    permissions: [
      {
        action,
        resource: '*',
        arns: ({ ctx }) => (product === 'Kms' ? kmsArn(ctx.region, ctx.account, relative) : '*'),
      },
    ],
    throttle: 'query',
    errors: [],
    handle: async () => ({}),
  });
}

export const PROBES: readonly Operation[] = [
  probe('Kms', 'kms:Decrypt', 'key/k1'),
  probe('Kms', 'kms:Encrypt', 'key/k1'),
  probe('Ecs', 'ecs:StartInstance', 'instance/i-1'),
];
