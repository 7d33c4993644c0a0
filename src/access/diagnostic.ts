import type { Diagnostic } from '../domain/diagnostic.ts';
import type { Question } from '../pipeline/ports.ts';
import type { Decision, MatchedStatement, Principal } from '../policy/types.ts';
import { requestContext } from './request-context.ts';

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
  principal: Principal,
  decision: Decision,
  caller: { readonly type: string; readonly displayName: string },
): Diagnostic {
  const sent = requestContext({ ...question, stored: undefined }, principal);
  return {
    action: question.action,
    resource: question.shown ?? question.resources[0] ?? '*',
    conditions: [...sent].map(([key, value]) => [key, typeof value === 'string' ? [value] : value] as const),
    principal: { type: caller.type, ownerId: question.caller.principal.account, displayName: caller.displayName },
    explicitDeny: decision.noPermissionType === 'ExplicitDeny',
    policyType: decision.policyType ?? 'AccountLevelIdentityBasedPolicy',
    matched: decision.noPermissionType === 'ExplicitDeny' ? matchedPolicies(decision.matched) : [],
  };
}
