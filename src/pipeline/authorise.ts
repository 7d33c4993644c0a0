import { PRODUCTS } from '../domain/products.ts';
import { type AccessDeniedDetail, type Fault, fail } from '../errors/fault.ts';
import type { LookupContext } from '../operation/context.ts';
import type { Operation, Permission, Subject } from '../operation/operation.ts';
import type { AccessControl, Question } from './ports.ts';

function refusal(operation: Operation, resource: string, detail: AccessDeniedDetail | undefined): Fault {
  const explanation = detail?.Explanation === undefined ? '' : ` ${detail.Explanation}`;
  return fail(
    PRODUCTS[operation.product].denied,
    { resource, detail: explanation },
    detail === undefined ? {} : { detail },
  );
}

function question(permission: Permission<unknown, unknown>, subject: Subject<unknown, unknown>): Question {
  const arns = permission.arns(subject);
  const conditions = new Map<string, string | readonly string[]>();
  const declared = permission.conditions ?? {};
  for (const key in declared) {
    const value = declared[key]!(subject);
    if (value !== undefined) conditions.set(key, value);
  }
  return {
    caller: subject.ctx.caller,
    source: subject.ctx.source,
    now: subject.ctx.now,
    action: permission.action,
    resources: typeof arns === 'string' ? [arns] : arns,
    owner: permission.owner?.(subject) ?? subject.ctx.account,
    conditions,
    conditionKeys: Object.keys(declared),
    resourcePolicy: permission.resourcePolicy?.(subject),
  };
}

/** Asks for every permission the operation declares; throws the product's refusal at the first that is not given. */
export async function authorise(
  operation: Operation,
  access: AccessControl,
  ctx: LookupContext,
  input: unknown,
  resolved: unknown,
): Promise<void> {
  if (operation.permissions === 'none') return;
  const subject = { input, resolved, ctx };
  for (const permission of operation.permissions as readonly Permission<unknown, unknown>[]) {
    if (permission.when !== undefined && !permission.when(subject)) continue;
    const asked = question(permission, subject);
    const verdict = await access.decide(asked, ctx.read);
    if (!verdict.allowed) throw refusal(operation, asked.resources[0] ?? '*', verdict.detail);
  }
}
