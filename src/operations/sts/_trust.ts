import { roleArns } from '../../domain/ram/resources.ts';
import { findRole, parseRoleArn, type RoleRecord } from '../../domain/ram/role.ts';
import { fail } from '../../errors/fault.ts';
import type { LookupContext } from '../../operation/context.ts';
import { found } from '../../operation/found.ts';
import type { Permission } from '../../operation/operation.ts';

/** A role as its ARN names it, and what that finds. */
export interface NamedRole {
  readonly account: string;
  readonly roleName: string;
  readonly role: RoleRecord | undefined;
}

export async function findRoleByArn(ctx: LookupContext, roleArn: string): Promise<NamedRole> {
  const named = parseRoleArn(roleArn);
  if (named === undefined) throw fail('InvalidParameter.RoleArn');
  return { ...named, role: await findRole(ctx.read, named.account, named.roleName) };
}

/**
 * Stands in for the trust policy of a role that does not exist: in its own account the caller's rights decide whether
 * it is told so. Which roles other accounts have is nobody's business.
 */
function trustOfMissingRole({ caller }: LookupContext, { account }: NamedRole): string | undefined {
  const { principal } = caller;
  if (principal.account !== account) return undefined;
  const Principal =
    principal.kind === 'service' ? { Service: principal.service } : { RAM: `acs:ram::${principal.account}:root` };
  return JSON.stringify({ Version: '1', Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal }] });
}

interface AssumeRoleInput {
  readonly ExternalId: string | undefined;
  readonly SourceIdentity: string | undefined;
}

/** Who is behind the new session: who is behind the calling one, else what was sent. */
export function sourceIdentityOf({ caller }: LookupContext, sent: string | undefined): string | undefined {
  const inherited = caller.principal.kind === 'session' ? caller.principal.sourceIdentity : undefined;
  return inherited ?? sent;
}

/** The caller's policies and the role's trust policy must both allow, also within one account. */
export function assumeRolePermission<I extends AssumeRoleInput>(): Permission<I, NamedRole> {
  return {
    action: 'sts:AssumeRole',
    resource: 'acs:ram:*:{account}:role/{RoleName}',
    arns: ({ resolved }) => roleArns(resolved.account, resolved.roleName, resolved.role),
    owner: ({ resolved }) => resolved.account,
    conditions: {
      'sts:ExternalId': ({ input }) => input.ExternalId,
      'sts:SourceIdentity': ({ input, ctx }) => sourceIdentityOf(ctx, input.SourceIdentity),
    },
    resourcePolicy: ({ resolved, ctx }) => {
      const document = resolved.role?.trustPolicy ?? trustOfMissingRole(ctx, resolved);
      return document === undefined ? undefined : { kind: 'trust', document };
    },
  };
}

export const roleFound = found<NamedRole>('EntityNotExist.Role', 'The role exists.', ({ role }) => role);
