import { roleArn } from '../../core/arn.ts';
import { isoSeconds } from '../../core/time.ts';
import { ramPlace } from '../../domain/ram/account.ts';
import type { RoleRecord } from '../../domain/ram/role.ts';
import { USERS } from '../../domain/ram/user.ts';
import { fail } from '../../errors/fault.ts';
import type { LookupContext } from '../../operation/context.ts';
import type { ConditionTable, Guard, Subject } from '../../operation/operation.ts';
import { MalformedPolicy, parsePolicy, principalsOf } from '../../policy/document.ts';
import type { PolicyDocument } from '../../policy/types.ts';
import { integer } from '../../schema/fields.ts';
import { out } from '../../schema/output.ts';
import type { NamedRole } from '../../slr/named-role.ts';

/** The role is one that its owner may change. */
export const roleMutable: Guard<Pick<NamedRole, 'role'>> = {
  errors: ['ImmutableRole.ServiceLinked'],
  doc: 'The role is not linked to a service.',
  check: ({ role }) => {
    if (role?.linkedService !== undefined) throw immutableRole(role);
  },
};

export function immutableRole(role: RoleRecord) {
  return fail('ImmutableRole.ServiceLinked', { role: role.roleName, service: role.linkedService ?? '' });
}

export const maxSessionDuration = (doc: string) => integer({ doc, min: 3600, max: 43_200, type: 'Long' });

function parseTrust(document: string): PolicyDocument | undefined {
  try {
    return parsePolicy(document, 'trust');
  } catch (error) {
    if (error instanceof MalformedPolicy) return undefined;
    throw error;
  }
}

/**
 * Condition keys that tell whom a role trusts by a document; absent where there is no document. In a call on a role they
 * must be present, as what is sent or as what is stored: a ForAllValues condition would hold without them. A document
 * that cannot be read is refused later on.
 */
export function trustConditions<I, R>(
  documentOf: (subject: Subject<I, R>) => string | undefined,
): ConditionTable<I, R> {
  const principals = (subject: Subject<I, R>) => {
    const document = documentOf(subject);
    if (document === undefined) return undefined;
    return parseTrust(document)?.statements.flatMap((statement) => statement.principals ?? []) ?? [];
  };
  return {
    'ram:TrustedPrincipalTypes': (subject) => {
      const entities = principals(subject)?.map((principal) => principal.entity);
      return entities && [...new Set(entities)];
    },
    'ram:ServiceNames': (subject) =>
      principals(subject)?.flatMap((principal) => (principal.entity === 'Service' ? [principal.text] : [])),
  };
}

/** Throws `MalformedPolicyDocument` at what breaks the grammar of trust policies, or names a user that does not exist. */
export async function assertTrust(ctx: LookupContext, document: string): Promise<void> {
  let parsed: PolicyDocument;
  try {
    parsed = parsePolicy(document, 'trust');
  } catch (error) {
    if (!(error instanceof MalformedPolicy)) throw error;
    throw fail('MalformedPolicyDocument', { detail: error.message }, { cause: error });
  }
  for (const principal of principalsOf(parsed)) {
    if (principal.type !== 'user' || principal.account !== ctx.account) continue;
    if ((await ctx.read.find(USERS, ramPlace(ctx.account), 'name', principal.name)) !== undefined) continue;
    throw fail('MalformedPolicyDocument', {
      detail: `The document names \`${principal.text}\`, and there is no such user.`,
    });
  }
}

const attributes = {
  RoleId: out.text('Id of the role; a role made anew has another one.'),
  RoleName: out.text('Name of the role.'),
  Arn: out.text('ARN of the role: the name in lower case.'),
  Description: out.text('Description.'),
  MaxSessionDuration: out.integer('Longest session, in seconds.'),
  CreateDate: out.text('When the role was made.'),
};
const trust = { AssumeRolePolicyDocument: out.text('Who may assume the role, as it was sent.') };
const update = {
  UpdateDate: out.text('When the role was last changed.'),
  IsServiceLinkedRole: out.flag('The role is linked to a service (an addition of ours to this version).'),
};

export const newRoleOutput = { ...attributes, ...trust };
export const listedRoleOutput = { ...attributes, ...update };
export const roleOutput = { ...attributes, ...trust, ...update };

export function newRoleAnswer(account: string, role: RoleRecord) {
  return {
    RoleId: role.roleId,
    RoleName: role.roleName,
    Arn: roleArn(account, role.roleName),
    Description: role.description,
    MaxSessionDuration: role.maxSessionDuration,
    CreateDate: isoSeconds(new Date(role.createdAt)),
    AssumeRolePolicyDocument: role.trustPolicy,
  };
}

export function roleAnswer(account: string, role: RoleRecord) {
  return {
    ...newRoleAnswer(account, role),
    UpdateDate: isoSeconds(new Date(role.updatedAt)),
    IsServiceLinkedRole: role.linkedService !== undefined,
  };
}
