import { roleArn, userArn } from '../core/arn.ts';
import { isoSeconds } from '../core/time.ts';
import type { Principal } from '../operation/context.ts';
import type { Question } from '../pipeline/ports.ts';
import type { Principal as PolicyPrincipal, RequestContext } from '../policy/types.ts';

/** A caller as the policy engine sees it. */
export function policyPrincipal(principal: Principal): PolicyPrincipal {
  switch (principal.kind) {
    case 'root':
    case 'service':
      return principal;
    case 'user': {
      const { account, userId, userName } = principal;
      return { kind: 'user', account, userId, arn: userArn(account, userName), name: userName };
    }
    case 'session': {
      const { account, roleName, sessionName } = principal;
      return {
        kind: 'role',
        account,
        arn: roleArn(account, roleName),
        roleName,
        sessionName,
        serviceLinked: principal.linkedService !== undefined,
      };
    }
  }
}

function principalArn(principal: PolicyPrincipal): string | undefined {
  if (principal.kind === 'root') return `acs:ram::${principal.account}:root`;
  return principal.kind === 'service' ? undefined : principal.arn;
}

/** The condition keys of a request: those every request has, the operation's own, and what records say. */
export function requestContext(
  { source, now, conditions, stored }: Question,
  principal: PolicyPrincipal,
): RequestContext {
  const context = new Map<string, string | readonly string[]>(conditions);
  if (stored !== undefined) for (const [key, value] of stored) context.set(key, value);
  context.set('acs:CurrentTime', isoSeconds(now));
  context.set('acs:SecureTransport', source.secure ? 'true' : 'false');
  // AccessKey calls say so too: a Deny on "false" keeps its promise only then.
  context.set('acs:MFAPresent', 'false');
  const arn = principalArn(principal);
  if (arn !== undefined) context.set('acs:PrincipalARN', arn);
  if (!source.internal) context.set('acs:SourceIp', source.ip);
  if (source.vpcId !== undefined) context.set('acs:SourceVpc', source.vpcId);
  if (source.vpcSourceIp !== undefined) context.set('acs:VpcSourceIp', source.vpcSourceIp);
  return context;
}
