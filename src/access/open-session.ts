import type { Clock } from '../core/time.ts';
import { isoSeconds } from '../core/time.ts';
import { ramPlace } from '../domain/ram/account.ts';
import { ROLES, type RoleRecord } from '../domain/ram/role.ts';
import type { RoleSession, SessionTokens } from '../domain/ram/session.ts';
import type { Reader } from '../domain/storage.ts';
import { fail } from '../errors/fault.ts';
import type { Caller } from '../operation/context.ts';
import type { OpenSession } from '../operation/service-client.ts';

export interface SessionParts {
  readonly tokens: SessionTokens;
  readonly reader: Reader;
  readonly clock: Clock;
}

function callerOf(session: RoleSession, role: RoleRecord): Caller {
  const { account, roleId, sessionName } = session;
  return {
    principal: {
      kind: 'session',
      account,
      roleId,
      roleName: role.roleName,
      sessionName,
      sessionPolicy: session.policy,
      sourceIdentity: session.sourceIdentity,
      playerUid: session.playerUid,
      linkedService: session.linkedService,
    },
    accessKeyId: session.accessKeyId,
    identity: {
      type: 'assumed-role',
      principalId: `${roleId}:${sessionName}`,
      accountId: account,
      accessKeyId: session.accessKeyId,
      userName: `${role.roleName.toLowerCase()}:${sessionName}`,
      sessionContext: {
        attributes: { mfaAuthenticated: 'false', creationDate: isoSeconds(new Date(session.createdAt)) },
      },
    },
  };
}

/** A session together with its caller. Throws the gateway's fault when the token is foreign, expired, or its role gone. */
export async function sessionCaller(
  { tokens, reader, clock }: SessionParts,
  accessKeyId: string,
  securityToken: string,
): Promise<{ readonly session: RoleSession; readonly caller: Caller }> {
  const session = tokens.open(securityToken);
  if (session === undefined) throw fail('InvalidSecurityToken.Malformed');
  if (session.accessKeyId !== accessKeyId) throw fail('InvalidSecurityToken.MismatchWithAccessKey');
  if (session.expiresAt <= clock.now().getTime()) throw fail('InvalidSecurityToken.Expired');
  const role = await reader.get(ROLES, ramPlace(session.account), session.roleId);
  if (role === undefined) throw fail('InvalidSecurityToken.Expired');
  return { session, caller: callerOf(session, role) };
}

/** How services turn a session they hold back into its caller, at every call. */
export function createOpenSession(parts: SessionParts): OpenSession {
  return async ({ accessKeyId, securityToken }) => (await sessionCaller(parts, accessKeyId, securityToken)).caller;
}
