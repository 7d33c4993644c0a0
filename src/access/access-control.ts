import { encodeDiagnostic } from '../domain/diagnostic.ts';
import type { Sealer } from '../domain/seal.ts';
import type { Principal } from '../operation/context.ts';
import type { AccessControl, Question } from '../pipeline/ports.ts';
import { decide } from '../policy/decide.ts';
import type { DecisionRequest } from '../policy/types.ts';
import { type CompiledPolicies, createCompiledPolicies } from './compiled-policies.ts';
import { identityPolicies } from './principal-policies.ts';
import { accessDenied } from './refusal.ts';
import { policyPrincipal, requestContext } from './request-context.ts';

type Policies = DecisionRequest['policies'];

function sessionPolicy(principal: Principal, compiled: CompiledPolicies): Pick<Policies, 'session'> {
  if (principal.kind !== 'session' || principal.sessionPolicy === undefined) return {};
  const meta = { identifier: 'session', type: 'Inline' } as const;
  return { session: compiled.single('session', principal.sessionPolicy, meta) };
}

function resourcePolicy({ resourcePolicy: on }: Question, compiled: CompiledPolicies): Pick<Policies, 'resource'> {
  if (on === undefined) return {};
  const meta = { identifier: on.kind, type: 'Inline' } as const;
  return { resource: { kind: on.kind, set: compiled.single(on.kind, on.document, meta) } };
}

/**
 * Decides from the policies as the reader sees them, so that what a commit withdraws is withdrawn from the next call
 * on. Compiled policies are kept; decisions never are. The sealer closes the diagnostic message of a refusal.
 */
export function createAccessControl(sealer: Sealer): AccessControl {
  const compiled = createCompiledPolicies();
  return {
    async decide(question, reader) {
      const { principal: caller } = question.caller;
      const account = await identityPolicies(reader, caller, compiled);
      const principal = policyPrincipal(caller);
      const request: DecisionRequest = {
        action: question.action,
        resources: question.resources,
        resourceAccount: question.owner,
        principal,
        context: requestContext(question, principal),
        policies: {
          ...(account === undefined ? {} : { account }),
          ...sessionPolicy(caller, compiled),
          ...resourcePolicy(question, compiled),
        },
      };
      const decision = decide(request);
      return decision.allowed ? { allowed: true } : { allowed: false, ...accessDenied(question, request, decision) };
    },
    encode: (diagnostic) => encodeDiagnostic(sealer, diagnostic),
  };
}
