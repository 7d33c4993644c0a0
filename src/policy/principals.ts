import { quoted } from '../core/quoted.ts';
import { MalformedPolicy } from './malformed-policy.ts';
import type { PolicyDocument, PolicyKind, Principal, PrincipalPattern } from './types.ts';

export type RamPrincipal = Extract<PrincipalPattern, { entity: 'RAM' }>;

const RAM = /^acs:ram::(\d+):(?:(root|\*)|(user|role)\/([^\s*?:/]+))$/;
const FEDERATED = /^acs:ram::\d+:(?:saml|oidc)-provider\/[^\s*?:/]+$/;
const SERVICE = /^[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+$/;

function parseRam(text: string, kind: PolicyKind, path: string): RamPrincipal {
  const [, account, all, type, name] = RAM.exec(text) ?? [];
  if (account === undefined) {
    throw new MalformedPolicy(
      path,
      `${quoted(text)} is not a principal; write acs:ram::<account>:root, :user/<name> or :role/<name>`,
    );
  }
  if (all === '*' && kind !== 'key') {
    throw new MalformedPolicy(path, `only a key policy may name ${quoted(text)}; write acs:ram::${account}:root`);
  }
  if (all !== undefined) return { entity: 'RAM', text, account, type: all === '*' ? 'all' : 'root', name: '' };
  return { entity: 'RAM', text, account, type: type as 'user' | 'role', name: name! };
}

/** Reads one principal of a trust or key policy. Throws {@link MalformedPolicy}. */
export function parsePrincipal(entity: string, text: string, kind: PolicyKind, path: string): PrincipalPattern {
  if (entity === 'RAM') return parseRam(text, kind, path);
  if (entity === 'Service') {
    if (SERVICE.test(text)) return { entity, text };
    throw new MalformedPolicy(path, `${quoted(text)} is not a service name such as ecs.aliyuncs.com`);
  }
  if (entity === 'Federated') {
    if (FEDERATED.test(text)) return { entity, text };
    throw new MalformedPolicy(
      path,
      `${quoted(text)} is not an identity provider; write acs:ram::<account>:saml-provider/<name> or oidc-provider/<name>`,
    );
  }
  throw new MalformedPolicy(path, 'a principal is RAM, Service or Federated');
}

/** All accounts, users and roles a trust or key policy names, so that the caller can check that they exist. */
export function principalsOf(document: PolicyDocument): readonly RamPrincipal[] {
  return document.statements.flatMap((statement) =>
    (statement.principals ?? []).filter((principal) => principal.entity === 'RAM'),
  );
}

/**
 * How a pattern fits a caller: `named` (as this user, role, service or provider), `account` (as anybody in the
 * account), or not at all. A root user is never meant. Role names are compared in lower case, user names exactly.
 */
export function principalFit(
  pattern: PrincipalPattern,
  principal: Principal,
  resourceAccount: string,
): 'named' | 'account' | undefined {
  switch (principal.kind) {
    case 'root':
      return undefined;
    case 'service':
      // A service acts within the account that owns the resource, never for another one.
      return pattern.entity === 'Service' && pattern.text === principal.service && principal.account === resourceAccount
        ? 'named'
        : undefined;
    case 'federated':
      return pattern.entity === 'Federated' && pattern.text === principal.arn ? 'named' : undefined;
    case 'user':
      if (pattern.entity !== 'RAM' || pattern.account !== principal.account) return undefined;
      if (pattern.type === 'user') return pattern.text === principal.arn ? 'named' : undefined;
      return pattern.type === 'role' ? undefined : 'account';
    case 'role':
      if (pattern.entity !== 'RAM' || pattern.account !== principal.account) return undefined;
      if (pattern.type === 'role') {
        return pattern.name.toLowerCase() === principal.roleName.toLowerCase() ? 'named' : undefined;
      }
      return pattern.type === 'user' ? undefined : 'account';
  }
}
