import { evaluateSet, type SetOutcome, type SetQuestion } from './evaluate.ts';
import { nearMissesOf } from './near-miss.ts';
import { isKeyPolicyAction } from './resource-policy-actions.ts';
import {
  type Decision,
  type DecisionRequest,
  MAX_NEAR_MISSES,
  type MatchedStatement,
  type NearMiss,
  type NoPermissionType,
  type PolicySet,
  type PolicyType,
} from './types.ts';

/** One layer of policies that was asked, and what it said. The verdict is read off these. */
interface Layer {
  readonly policyType: PolicyType;
  readonly set: PolicySet | undefined;
  readonly question: SetQuestion;
  readonly outcome: SetOutcome;
}

const NOTHING: SetOutcome = { allows: [], denies: [] };

function ask(policyType: PolicyType, set: PolicySet | undefined, question: SetQuestion): Layer {
  return {
    policyType,
    set,
    question,
    outcome: set === undefined ? NOTHING : evaluateSet(set, question),
  };
}

function allows({ outcome }: Layer): boolean {
  return outcome.denies.length === 0 && outcome.allows.length > 0;
}

function isSilent({ outcome }: Layer): boolean {
  return outcome.denies.length === 0 && outcome.allows.length === 0;
}

function denies({ outcome }: Layer): boolean {
  return outcome.denies.length > 0;
}

function matchedIn({ policyType, outcome }: Layer): readonly MatchedStatement[] {
  const statements = outcome.denies.length > 0 ? outcome.denies : outcome.allows;
  return statements.map(({ policy, source }) => {
    return { policy, statement: source.index, sid: source.sid, effect: source.effect, policyType };
  });
}

function nearMissesIn({ set, policyType, question }: Layer): readonly NearMiss[] {
  return set === undefined ? [] : nearMissesOf(set, policyType, question);
}

/** A class for speed only: accessors shared by all decisions cost nothing until somebody asks for the explanation. */
class Explained implements Decision {
  readonly allowed: boolean;
  declare readonly noPermissionType?: NoPermissionType;
  declare readonly policyType?: PolicyType;
  declare readonly rootAssume?: true;
  readonly #matching: readonly Layer[];
  readonly #missing: readonly Layer[];
  #matched: readonly MatchedStatement[] | undefined;
  #nearMisses: readonly NearMiss[] | undefined;

  constructor(allowed: boolean, matching: readonly Layer[], missing: readonly Layer[]) {
    this.allowed = allowed;
    this.#matching = matching;
    this.#missing = missing;
  }

  get matched(): readonly MatchedStatement[] {
    this.#matched ??= this.#matching.flatMap(matchedIn);
    return this.#matched;
  }

  get nearMisses(): readonly NearMiss[] {
    this.#nearMisses ??= this.#missing.flatMap(nearMissesIn).slice(0, MAX_NEAR_MISSES);
    return this.#nearMisses;
  }
}

function allowed(layers: readonly Layer[]): Decision {
  return new Explained(true, layers, []);
}

function refused(layer: Layer, alsoAsked: readonly Layer[] = []): Decision {
  const { policyType } = layer;
  return denies(layer)
    ? Object.assign(new Explained(false, [layer], []), { noPermissionType: 'ExplicitDeny', policyType } as const)
    : Object.assign(new Explained(false, [], [layer, ...alsoAsked]), {
        noPermissionType: 'ImplicitDeny',
        policyType,
      } as const);
}

const ROOT_ASSUMES: Decision = {
  allowed: false,
  noPermissionType: 'ImplicitDeny',
  policyType: 'AssumeRolePolicy',
  matched: [],
  nearMisses: [],
  rootAssume: true,
};

/** Control policies bind users and roles of member accounts, service-linked roles excepted. */
function controlLevels({
  principal,
  policies,
  controlPoliciesApply,
}: DecisionRequest): readonly (PolicySet | undefined)[] {
  const bound = principal.kind === 'user' || (principal.kind === 'role' && !principal.serviceLinked);
  if (!bound || controlPoliciesApply === false) return [];
  const levels = policies.control ?? [];
  return levels.length === 0 && controlPoliciesApply === true ? [undefined] : levels;
}

/** Account level decides unless it is silent; only then policies granted on the resource group are looked at. */
function askIdentity(question: SetQuestion): { readonly layer: Layer; readonly alsoAsked: readonly Layer[] } {
  const { account, resourceGroup } = question.request.policies;
  const layer = ask('AccountLevelIdentityBasedPolicy', account, question);
  if (resourceGroup === undefined || !isSilent(layer)) return { layer, alsoAsked: [] };
  const granted = ask('ResourceGroupLevelIdentityBasedPolicy', resourceGroup, question);
  return isSilent(granted) ? { layer, alsoAsked: [granted] } : { layer: granted, alsoAsked: [] };
}

/** Undefined when the resource has no policy or its policy has no say in the action. */
function askResource(action: string, request: DecisionRequest): Layer | undefined {
  const { resource } = request.policies;
  if (resource === undefined || (resource.kind === 'key' && !isKeyPolicyAction(action))) return undefined;
  const policyType = resource.kind === 'trust' ? 'AssumeRolePolicy' : 'ResourceBasedPolicy';
  return ask(policyType, resource.set, { action, request, accountDelegates: resource.kind === 'key' });
}

function noResourcePolicy(question: SetQuestion): Layer {
  const assumes = question.action.startsWith('sts:assumerole');
  return ask(assumes ? 'AssumeRolePolicy' : 'ResourceBasedPolicy', undefined, question);
}

/**
 * Decides a request and explains the decision: section 5.2 of the RAM evaluation rules. Asks, in order, control
 * policies level by level, the session policy, identity policies, and the policy on the resource; the first layer that
 * refuses for good ends it.
 *
 * - The root user of the account that owns the resource may do everything but assume roles.
 * - Assuming a role takes the caller's identity policies and the trust policy, always.
 * - A key policy suffices, as do identity policies, for callers of the key's own account; callers of other accounts
 *   need both, so without a policy on the resource they are refused.
 * - Services and identity providers' users have no identity policies: the policy on the resource alone decides.
 */
export function decide(request: DecisionRequest): Decision {
  const { principal, policies } = request;
  const action = request.action.toLowerCase();
  const assumesRole = action === 'sts:assumerole';
  if (principal.kind === 'root') {
    if (assumesRole) return ROOT_ASSUMES;
    if (principal.account === request.resourceAccount) return allowed([]);
  }
  const question: SetQuestion = { action, request, accountDelegates: false };
  const passed: Layer[] = [];
  for (const level of controlLevels(request)) {
    const layer = ask('ControlPolicy', level, question);
    if (!allows(layer)) return refused(layer);
    passed.push(layer);
  }
  if (policies.session !== undefined) {
    const layer = ask('SessionPolicy', policies.session, question);
    if (!allows(layer)) return refused(layer);
    passed.push(layer);
  }
  const resource = askResource(action, request);
  if (principal.kind === 'service' || principal.kind === 'federated') {
    const layer = resource ?? noResourcePolicy(question);
    return allows(layer) ? allowed([...passed, layer]) : refused(layer);
  }
  const { layer: identity, alsoAsked } = askIdentity(question);
  if (denies(identity)) return refused(identity);
  if (resource !== undefined && denies(resource)) return refused(resource);
  if (assumesRole || principal.account !== request.resourceAccount) {
    if (!allows(identity)) return refused(identity, alsoAsked);
    const layer = resource ?? noResourcePolicy(question);
    return allows(layer) ? allowed([...passed, identity, layer]) : refused(layer);
  }
  if (allows(identity)) passed.push(identity);
  else if (resource === undefined || !allows(resource)) return refused(identity, alsoAsked);
  if (resource !== undefined && allows(resource)) passed.push(resource);
  return allowed(passed);
}
