import { kmsArn } from '../../core/arn.ts';
import type { Permission } from '../../operation/operation.ts';

/** A permission on the service as such. Policies may write its resource as `*` or as any KMS resource of the account. */
export function accountPermission<I, R>(action: `kms:${string}`): Permission<I, R> {
  return {
    action,
    resource: '*',
    arns: ({ ctx }) => ['*', kmsArn(ctx.region, ctx.account, '*')],
  };
}
