import { KEY_STORE_ROLE, KEY_STORE_SERVICE } from '../../domain/kms/key-store-role.ts';
import type { Reader } from '../../domain/storage.ts';
import { Fault, fail } from '../../errors/fault.ts';
import type { ErrorCode } from '../../errors/table.ts';
import type { HandlerContext } from '../../operation/context.ts';
import type { CalledOperation } from '../../operation/operation.ts';
import type { KmsPorts } from './_product.ts';

/** What making sure of the role may call. */
export const KEY_STORE_ROLE_CALL: CalledOperation = {
  product: 'Ram',
  name: 'CreateServiceLinkedRole',
  when: `the account has no ${KEY_STORE_ROLE} yet`,
};

/** What making sure of the role may answer. */
export const LINKED_ROLE_ERRORS = ['Forbidden.NoPermission'] as const satisfies readonly ErrorCode[];

/**
 * Makes the service-linked role of key stores unless `reader` sees it, with the caller's own rights. A refusal is told in
 * KMS's name, with RAM's explanation of what is missing.
 */
export async function ensureLinkedRole(ctx: HandlerContext<KmsPorts, never>, reader: Reader): Promise<void> {
  if (await ctx.ports.linkedRoleExists(ctx.account, KEY_STORE_ROLE, reader)) return;
  try {
    await ctx.call(KEY_STORE_ROLE_CALL.product, KEY_STORE_ROLE_CALL.name, { ServiceName: KEY_STORE_SERVICE });
  } catch (cause) {
    // Another call has made it since we looked.
    if (cause instanceof Fault && cause.code === 'EntityAlreadyExists.Role') return;
    if (!(cause instanceof Fault) || cause.status !== 403) throw cause;
    const { detail } = cause;
    const resource = detail?.AuthResource ?? `acs:ram:*:${ctx.account}:role/*`;
    throw fail('Forbidden.NoPermission', { resource }, detail === undefined ? { cause } : { cause, detail });
  }
}
