import { Generations } from '../core/generations.ts';
import type { Secret } from '../core/secret.ts';
import { isoSeconds } from '../core/time.ts';
import type { AuditIdentity } from '../domain/audit.ts';
import { ACCESS_KEYS, type AccessKeyRecord, accessKeyBinding } from '../domain/ram/access-key.ts';
import { EVERY_ACCOUNT, ramPlace } from '../domain/ram/account.ts';
import { USERS } from '../domain/ram/user.ts';
import type { Sealer } from '../domain/seal.ts';
import { fail } from '../errors/fault.ts';
import type { Caller } from '../operation/context.ts';
import { type SessionParts, sessionCaller } from './open-session.ts';

/** Who a request claims to come from, and the secret its signature must be verified with before that is believed. */
export interface Credential {
  readonly caller: Caller;
  /** Shared with other requests: not to be wiped. */
  readonly secret: Secret;
}

export interface Authenticator {
  /**
   * Finds an AccessKey, or the session of a token. Throws the gateway's faults: unknown, disabled, token missing,
   * malformed, of another key, expired. Nothing is verified yet.
   */
  find(accessKeyId: string, securityToken: string | undefined): Promise<Credential>;
}

/** Opened secrets kept in memory at most. */
const SECRETS_KEPT = 20_000;
const TEMPORARY = 'STS.';

function identity(key: AccessKeyRecord, rest: Pick<AuditIdentity, 'type' | 'principalId'>, name: string, at: Date) {
  return {
    ...rest,
    accountId: key.account,
    accessKeyId: key.accessKeyId,
    userName: name,
    sessionContext: { attributes: { mfaAuthenticated: 'false' as const, creationDate: isoSeconds(at) } },
  };
}

function rootCaller(key: AccessKeyRecord, at: Date): Caller {
  return {
    principal: { kind: 'root', account: key.account },
    accessKeyId: key.accessKeyId,
    identity: identity(key, { type: 'root-account', principalId: key.account }, 'root', at),
  };
}

export function createAuthenticator(sealer: Sealer, parts: SessionParts): Authenticator {
  const { reader, clock } = parts;
  // Keyed by the sealed text, so that a secret put in place of another is never answered from here.
  const secrets = new Generations<Secret>(SECRETS_KEPT);

  const secretOf = (key: AccessKeyRecord): Secret => {
    const kept = secrets.get(key.sealedSecret);
    if (kept !== undefined) return kept;
    const secret = sealer.open(accessKeyBinding(key.account, key.accessKeyId), key.sealedSecret);
    secrets.set(key.sealedSecret, secret);
    return secret;
  };
  const callerOf = async (key: AccessKeyRecord): Promise<Caller> => {
    const { account, userId, accessKeyId } = key;
    if (userId === undefined) return rootCaller(key, clock.now());
    const user = await reader.get(USERS, ramPlace(account), userId);
    if (user === undefined) throw fail('InvalidAccessKeyId.NotFound');
    const { userName } = user;
    return {
      principal: { kind: 'user', account, userId, userName },
      accessKeyId,
      identity: identity(key, { type: 'ram-user', principalId: userId }, userName, clock.now()),
    };
  };
  return {
    async find(accessKeyId, securityToken) {
      if (accessKeyId.startsWith(TEMPORARY)) {
        if (securityToken === undefined || securityToken === '') throw fail('MissingSecurityToken');
        const { session, caller } = await sessionCaller(parts, accessKeyId, securityToken);
        return { caller, secret: session.secret };
      }
      if (securityToken !== undefined && securityToken !== '') throw fail('InvalidSecurityToken.MismatchWithAccessKey');
      const key = await reader.get(ACCESS_KEYS, EVERY_ACCOUNT, accessKeyId);
      if (key === undefined) throw fail('InvalidAccessKeyId.NotFound');
      if (key.status === 'Inactive') throw fail('InvalidAccessKeyId.Inactive');
      return { caller: await callerOf(key), secret: secretOf(key) };
    },
  };
}
