import { compilePolicy, compileSet } from '../../src/policy/compile.ts';
import type {
  DecisionRequest,
  PolicyDocument,
  PolicyMeta,
  PolicySet,
  Principal,
  RequestContext,
} from '../../src/policy/types.ts';

/** A policy as the two engines share it: parsed, not compiled. */
export interface ScenarioPolicy {
  readonly meta: PolicyMeta;
  readonly document: PolicyDocument;
}

/** A decision request before compilation, for the engine and for the reference evaluator. */
export interface Scenario {
  readonly action: string;
  readonly resources: readonly string[];
  readonly resourceAccount: string;
  readonly principal: Principal;
  readonly context: RequestContext;
  readonly control: readonly (readonly ScenarioPolicy[])[] | undefined;
  readonly session: readonly ScenarioPolicy[] | undefined;
  readonly account: readonly ScenarioPolicy[] | undefined;
  readonly resourceGroup: readonly ScenarioPolicy[] | undefined;
  readonly resource: { readonly kind: 'trust' | 'key'; readonly policy: ScenarioPolicy } | undefined;
  readonly controlPoliciesApply: boolean | undefined;
}

function setOf(policies: readonly ScenarioPolicy[]): PolicySet {
  return compileSet(policies.map(({ document, meta }) => compilePolicy(document, meta)));
}

/** The scenario as the engine takes it. */
export function toRequest(scenario: Scenario): DecisionRequest {
  const { control, session, account, resourceGroup, resource, controlPoliciesApply } = scenario;
  return {
    action: scenario.action,
    resources: scenario.resources,
    resourceAccount: scenario.resourceAccount,
    principal: scenario.principal,
    context: scenario.context,
    policies: {
      ...(control && { control: control.map(setOf) }),
      ...(session && { session: setOf(session) }),
      ...(account && { account: setOf(account) }),
      ...(resourceGroup && { resourceGroup: setOf(resourceGroup) }),
      ...(resource && { resource: { kind: resource.kind, set: setOf([resource.policy]) } }),
    },
    ...(controlPoliciesApply !== undefined && { controlPoliciesApply }),
  };
}
