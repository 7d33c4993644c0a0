import { CONDITION_KEYS, RESOURCE_TAG_PREFIXES, TAG_KEY_PREFIXES } from './condition-keys.ts';
import { OPERATORS } from './operators.ts';
import { isKeyPolicyAction, TRUST_POLICY_ACTIONS } from './resource-policy-actions.ts';
import type { Decision, DecisionRequest, Mismatch, NearMiss, PolicyMeta, PolicyType, Principal } from './types.ts';

/** A statement as documents write it; `JSON.stringify` gives what goes between the brackets of `"Statement": [ ]`. */
export interface MissingStatement {
  readonly Effect: 'Allow';
  readonly Principal?: Readonly<Record<string, string>>;
  readonly Action: string;
  readonly Resource?: string;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

type ConditionBlock = NonNullable<MissingStatement['Condition']>;

/** Keys whose condition a suggested statement should keep, as a policy nearby asks for them too. */
function keysNearby(nearMisses: readonly NearMiss[]): readonly string[] {
  return nearMisses.flatMap(({ mismatch }) => {
    if (mismatch.part !== 'condition' || mismatch.actual === undefined) return [];
    const name = mismatch.operator.split(':').at(-1)!;
    return name.startsWith('String') && !OPERATORS[name as keyof typeof OPERATORS].negated ? [mismatch.key] : [];
  });
}

/** Ties the statement to this request's values: never to those a policy asks for, which the caller may not know. */
function conditionBlock(request: DecisionRequest, keys: readonly string[]): ConditionBlock | undefined {
  const single: [string, string][] = [];
  const several: [string, readonly string[]][] = [];
  for (const key of new Set(keys)) {
    const value = request.context.get(key);
    if (typeof value === 'string') single.push([key, value]);
    else if (value !== undefined && value.length > 0) several.push([key, value]);
  }
  if (single.length + several.length === 0) return undefined;
  return {
    ...(single.length > 0 && { StringEquals: Object.fromEntries(single) }),
    ...(several.length > 0 && { 'ForAllValues:StringEquals': Object.fromEntries(several) }),
  };
}

function asPrincipal(principal: Principal, resourceAccount: string): Readonly<Record<string, string>> | undefined {
  switch (principal.kind) {
    case 'root':
      return undefined;
    case 'user':
      return { RAM: principal.arn };
    case 'role':
      return { RAM: `acs:ram::${principal.account}:role/${principal.roleName.toLowerCase()}` };
    case 'service':
      return principal.account === resourceAccount ? { Service: principal.service } : undefined;
    case 'federated':
      return { Federated: principal.arn };
  }
}

/**
 * The statement that, added to the policies that refused ({@link Decision.policyType}), turns their answer into Allow.
 * It asks for no more than this call: the request's action and resource, and the request's values of `conditionKeys`
 * (those the operation declares, such as ram:ServiceName) and of keys by which a statement nearby failed. Undefined when
 * no statement helps: an explicit deny, a root user assuming a role, an action the policy has no say in.
 */
export function missingStatement(
  request: DecisionRequest,
  decision: Decision,
  conditionKeys: readonly string[] = [],
): MissingStatement | undefined {
  if (decision.noPermissionType !== 'ImplicitDeny' || decision.rootAssume) return undefined;
  const Condition = conditionBlock(request, [...conditionKeys, ...keysNearby(decision.nearMisses)]);
  const condition = Condition && { Condition };
  const Resource = request.resources[0] ?? '*';
  const Action = request.action;
  if (decision.policyType !== 'AssumeRolePolicy' && decision.policyType !== 'ResourceBasedPolicy') {
    return request.principal.kind === 'root' ? undefined : { Effect: 'Allow', Action, Resource, ...condition };
  }
  const named = asPrincipal(request.principal, request.resourceAccount);
  if (named === undefined) return undefined;
  if (decision.policyType === 'AssumeRolePolicy') {
    if (!TRUST_POLICY_ACTIONS.includes(Action.toLowerCase())) return undefined;
    return { Effect: 'Allow', Principal: named, Action, ...condition };
  }
  if (request.policies.resource === undefined || !isKeyPolicyAction(Action.toLowerCase())) return undefined;
  // Of another account, a key policy may name users only.
  if (request.principal.kind === 'role' && request.principal.account !== request.resourceAccount) return undefined;
  return { Effect: 'Allow', Principal: named, Action, Resource: '*', ...condition };
}

/** Says whether a name somebody chose (of a policy, of a tag) may stand in the sentence. */
export type MayShow = (name: string) => boolean;

const SILENT: Readonly<Record<PolicyType, (action: string) => string>> = {
  AccountLevelIdentityBasedPolicy: (action) => `No policy attached to the caller allows ${action} on the resource`,
  ResourceGroupLevelIdentityBasedPolicy: (action) =>
    `No policy attached to the caller allows ${action} on the resource`,
  SessionPolicy: (action) => `The policy this session was issued with does not allow ${action} on the resource`,
  ControlPolicy: (action) => `The control policies over the caller's account do not allow ${action} on the resource`,
  AssumeRolePolicy: (action) => `The trust policy of the role does not allow ${action} to the caller`,
  ResourceBasedPolicy: (action) =>
    `The caller has no rights of its own on the resource, and no policy on the resource allows ${action} to it`,
};

const DENYING: Readonly<Record<PolicyType, string>> = {
  AccountLevelIdentityBasedPolicy: 'attached to the caller',
  ResourceGroupLevelIdentityBasedPolicy: "granted to the caller on the resource's group",
  SessionPolicy: 'this session was issued with',
  ControlPolicy: "of the caller's resource directory",
  AssumeRolePolicy: 'that says who may assume the role',
  ResourceBasedPolicy: 'on the resource itself',
};

/** Layers whose content belongs to the caller's own account and may be spoken of. */
const OWN_LAYERS: readonly PolicyType[] = [
  'AccountLevelIdentityBasedPolicy',
  'ResourceGroupLevelIdentityBasedPolicy',
  'SessionPolicy',
];

function nameOf(policy: PolicyMeta, mayShow: MayShow): string {
  return policy.type !== 'Inline' && mayShow(policy.identifier) ? `policy ${policy.identifier}` : 'a policy';
}

function keyName(key: string, mayShow: MayShow): string {
  if (CONDITION_KEYS.includes(key) || mayShow(key)) return key;
  const prefix = TAG_KEY_PREFIXES.find((known) => key.startsWith(known));
  return prefix === undefined ? 'a condition key' : `a ${prefix.slice(0, -1)} key`;
}

function reasonOf(mismatch: Mismatch, mayShow: MayShow): string {
  switch (mismatch.part) {
    case 'principal':
      return 'names other principals';
    case 'delegation':
      return 'leaves the matter to policies attached to the caller';
    case 'resource':
      return 'names other resources';
    case 'condition': {
      const key = keyName(mismatch.key, mayShow);
      // Of the tags a resource has, the caller is told nothing: not even that there is one.
      if (RESOURCE_TAG_PREFIXES.some((prefix) => mismatch.key.startsWith(prefix))) return `asks for tags (${key})`;
      return mismatch.actual === undefined
        ? `asks for ${key}, which the request does not carry`
        : `asks for another value of ${key}`;
    }
  }
}

/**
 * The refusal in one sentence, for the caller. It tells of the caller's own policies only, shows no value, no resource,
 * and no name that `mayShow` does not pass (default: none), so that no chosen name can make it look like another error.
 */
export function refusalSentence(request: DecisionRequest, decision: Decision, mayShow: MayShow = () => false): string {
  const type = decision.policyType ?? 'AccountLevelIdentityBasedPolicy';
  if (decision.allowed) return `${request.action} is allowed.`;
  if (decision.rootAssume) return 'The root user of an account may not assume roles; call as a RAM user or a role.';
  if (decision.noPermissionType === 'ExplicitDeny') {
    const [first] = decision.matched;
    const mine = first !== undefined && OWN_LAYERS.includes(type);
    const by = mine ? `Statement ${first.statement + 1} of ${nameOf(first.policy, mayShow)}` : 'A policy';
    return `${by} ${DENYING[type]} denies ${request.action}, which no Allow outweighs.`;
  }
  const [near] = OWN_LAYERS.includes(type) ? decision.nearMisses : [];
  const nearest =
    near === undefined
      ? ''
      : `; the nearest is statement ${near.statement + 1} of ${nameOf(near.policy, mayShow)}, which ${reasonOf(near.mismatch, mayShow)}`;
  return `${SILENT[type](request.action)}${nearest}.`;
}
