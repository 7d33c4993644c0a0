import type { Diagnostic } from '../domain/ram/diagnostic.ts';
import type { Question } from '../pipeline/ports.ts';
import type { Decision, DecisionRequest, MatchedStatement } from '../policy/types.ts';

/** Keys that every request may carry. */
const GENERAL: readonly string[] = [
  'acs:CurrentTime',
  'acs:MFAPresent',
  'acs:PrincipalARN',
  'acs:SecureTransport',
  'acs:SourceIp',
  'acs:SourceVpc',
  'acs:VpcSourceIp',
];

function matchedPolicies(matched: readonly MatchedStatement[]): Diagnostic['matched'] {
  const policies = new Map(
    matched.map(({ policy }) => {
      const { identifier, type, version = '', attachedTo } = policy;
      return [
        `${attachedTo?.kind}/${attachedTo?.name}/${identifier}`,
        { attachedTo: attachedTo?.kind ?? '', identifier, type, version },
      ] as const;
    }),
  );
  return [...policies.values()];
}

/** What a refusal was judged by. Of the context only what the caller sent: stored values stay untold. */
export function diagnosticOf(
  question: Question,
  request: DecisionRequest,
  decision: Decision,
  caller: { readonly type: string; readonly displayName: string },
): Diagnostic {
  const told = (key: string): boolean =>
    GENERAL.includes(key) || question.conditionKeys.includes(key) || key.startsWith('acs:RequestTag/');
  const conditions = [...request.context]
    .filter(([key]) => told(key))
    .map(([key, value]) => [key, typeof value === 'string' ? [value] : value] as const);
  return {
    action: question.action,
    resource: question.shown ?? question.resources[0] ?? '*',
    conditions,
    principal: { type: caller.type, ownerId: question.caller.principal.account, displayName: caller.displayName },
    explicitDeny: decision.noPermissionType === 'ExplicitDeny',
    policyType: decision.policyType ?? 'AccountLevelIdentityBasedPolicy',
    matched: decision.noPermissionType === 'ExplicitDeny' ? matchedPolicies(decision.matched) : [],
  };
}
