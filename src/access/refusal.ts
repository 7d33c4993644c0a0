import { parseArn } from '../core/arn.ts';
import type { AccessDeniedDetail } from '../errors/fault.ts';
import { ERRORS } from '../errors/table.ts';
import type { Principal } from '../operation/context.ts';
import type { Question, Refused } from '../pipeline/ports.ts';
import { missingStatement, refusalSentence } from '../policy/explain.ts';
import type { Decision, DecisionRequest } from '../policy/types.ts';
import { isReservedRoleName } from '../slr/catalogue.ts';
import { diagnosticOf } from './diagnostic.ts';

const ROOT_MAY_NOT_ASSUME = 'Roles may not be assumed by root accounts.';
const LINKED_ROLE_IS_FIXED = ' It is for its service alone, and nobody changes that.';
const CODES = Object.keys(ERRORS);

/** Clients look for codes inside texts: a policy named like one must not make them see another error. */
function mayShow(name: string): boolean {
  return !/NotFound|Throttling|ServiceUnavailable/i.test(name) && !CODES.some((code) => name.includes(code));
}

/** By its name, whether it exists or not: that there is one is not told. */
function isLinkedRole(resources: readonly string[]): boolean {
  return resources.some((arn) => isReservedRoleName(parseArn(arn)?.relative.replace(/^role\//, '') ?? ''));
}

function callerFields(
  principal: Principal,
): Pick<AccessDeniedDetail, 'AuthPrincipalType' | 'AuthPrincipalDisplayName'> {
  switch (principal.kind) {
    case 'root':
      return { AuthPrincipalType: 'Account', AuthPrincipalDisplayName: principal.account };
    case 'user':
      return { AuthPrincipalType: 'SubUser', AuthPrincipalDisplayName: principal.userId };
    case 'session':
      return {
        AuthPrincipalType: 'AssumedRoleUser',
        AuthPrincipalDisplayName: `${principal.roleName}:${principal.sessionName}`,
      };
    case 'service':
      return { AuthPrincipalType: 'Service', AuthPrincipalDisplayName: principal.service };
  }
}

/** What is told of a refusal: to the caller, and to whoever administers its account. */
export function accessDenied(
  question: Question,
  request: DecisionRequest,
  decision: Decision,
): Omit<Refused, 'allowed'> {
  const { principal } = question.caller;
  const fields = callerFields(principal);
  const caller = { type: fields.AuthPrincipalType, displayName: fields.AuthPrincipalDisplayName };
  const fixed = decision.policyType === 'AssumeRolePolicy' && isLinkedRole(question.resources);
  const missing = fixed ? undefined : missingStatement(request, decision, question.conditionKeys);
  const detail: AccessDeniedDetail = {
    AuthAction: question.action,
    ...fields,
    AuthPrincipalOwnerId: principal.account,
    NoPermissionType: decision.noPermissionType ?? 'ImplicitDeny',
    PolicyType: decision.policyType ?? 'AccountLevelIdentityBasedPolicy',
    AuthResource: question.resources[0] ?? '*',
    ...(missing === undefined ? {} : { MissingStatement: JSON.stringify(missing) }),
    Explanation: decision.rootAssume
      ? ROOT_MAY_NOT_ASSUME
      : refusalSentence(request, decision, mayShow) + (fixed ? LINKED_ROLE_IS_FIXED : ''),
  };
  return { detail, diagnostic: diagnosticOf(question, request.principal, decision, caller) };
}
