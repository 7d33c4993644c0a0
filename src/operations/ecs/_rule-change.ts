import { plainId } from '../../core/ids.ts';
import { MAX_RULES, SECURITY_GROUPS, type SecurityGroupRecord } from '../../domain/network/security-group.ts';
import { type Direction, type SecurityRule, sameRule } from '../../domain/network/security-rule.ts';
import type { Place, Transaction } from '../../domain/storage.ts';
import { fail } from '../../errors/fault.ts';
import type { ErrorCode } from '../../errors/table.ts';
import type { WriteContext } from '../../operation/context.ts';
import type { EcsPorts } from './_product.ts';
import { RULE_ERRORS, type RuleWish, readRule, type SentRules, sentRules } from './_rule-input.ts';

export const AUTHORIZE_ERRORS = [
  ...RULE_ERRORS,
  'InvalidSourceGroupId.NotFound',
  'InvalidDestGroupId.NotFound',
  'AuthorizationLimitExceed',
] as const satisfies readonly ErrorCode[];

/** A rule's group must be of the same VPC: nothing in another VPC could ever send or receive. */
async function checkPeer(tx: Transaction, place: Place, group: SecurityGroupRecord, wish: RuleWish): Promise<void> {
  if (wish.peerGroupId === undefined || wish.peerGroupId === group.securityGroupId) return;
  const peer = await tx.get(SECURITY_GROUPS, place, wish.peerGroupId);
  if (peer?.vpcId !== group.vpcId) {
    throw fail(wish.direction === 'ingress' ? 'InvalidSourceGroupId.NotFound' : 'InvalidDestGroupId.NotFound');
  }
}

/** Adds the rules a call carries; one that is there already is left as it is, and the call succeeds. */
export async function authorize(
  ctx: WriteContext<EcsPorts, never>,
  input: SentRules,
  group: SecurityGroupRecord,
  direction: Direction,
): Promise<void> {
  const sent = sentRules(input);
  if (sent === undefined) throw fail('MissingPermissions');
  const rules: SecurityRule[] = [...group.rules];
  for (const wish of sent.map((rule) => readRule(rule, direction))) {
    await checkPeer(ctx.tx, ctx.place, group, wish);
    if (rules.some((rule) => sameRule(rule, wish))) continue;
    rules.push({ ...wish, ruleId: plainId('sgr', ctx.ports.random), createdAt: ctx.now.getTime() });
  }
  if (rules.length > MAX_RULES) throw fail('AuthorizationLimitExceed');
  if (rules.length > group.rules.length) await ctx.tx.update(SECURITY_GROUPS, ctx.place, { ...group, rules });
}

/**
 * Removes rules, named by id or by all that makes them what they are; the priority counts where it is sent. A rule
 * that is not there is a success.
 */
export async function revoke(
  ctx: WriteContext<EcsPorts, never>,
  input: SentRules & { readonly SecurityGroupRuleId: readonly string[] | undefined },
  group: SecurityGroupRecord,
  direction: Direction,
): Promise<void> {
  const sent = sentRules(input) ?? [];
  const ids = input.SecurityGroupRuleId ?? [];
  if (sent.length === 0 && ids.length === 0) throw fail('MissingPermissions');
  const wishes = sent.map((rule) => ({ wish: readRule(rule, direction), anyPriority: rule.Priority === undefined }));
  const goes = (rule: SecurityRule): boolean =>
    rule.direction === direction &&
    (ids.includes(rule.ruleId) ||
      wishes.some(({ wish, anyPriority }) =>
        sameRule(rule, anyPriority ? { ...wish, priority: rule.priority } : wish),
      ));
  const rules = group.rules.filter((rule) => !goes(rule));
  if (rules.length < group.rules.length) await ctx.tx.update(SECURITY_GROUPS, ctx.place, { ...group, rules });
}
