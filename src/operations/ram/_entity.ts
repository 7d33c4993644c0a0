import type { EntityKind } from '../../domain/ram/attachment.ts';
import type { RamQuotas } from '../../domain/ram/quotas.ts';
import { ramArns, roleArns } from '../../domain/ram/resources.ts';
import type { RoleRecord } from '../../domain/ram/role.ts';
import { fail } from '../../errors/fault.ts';
import type { ErrorCode } from '../../errors/table.ts';
import type { LookupContext } from '../../operation/context.ts';
import { sure } from '../../operation/found.ts';
import type { Guard, Permission } from '../../operation/operation.ts';
import type { Field } from '../../schema/field.ts';
import { namedRole, roleName } from '../../slr/named-role.ts';
import { findGroup } from './_group.ts';
import { groupName, userName } from './_text.ts';
import { findUser } from './_user.ts';

/** A user, group or role that policies are attached to, as the caller named it. */
export interface NamedEntity {
  readonly kind: EntityKind;
  readonly name: string;
  /** Undefined when there is none of that name. */
  readonly entityId: string | undefined;
  /** When it is a role. */
  readonly role: RoleRecord | undefined;
}

/** All that is different between attaching to users, groups and roles. */
export interface EntityRow {
  /** Ends the names of operations: `AttachPolicyToUser`. */
  readonly word: 'User' | 'Group' | 'Role';
  readonly parameter: 'UserName' | 'GroupName' | 'RoleName';
  readonly field: Field<string, true>;
  readonly customQuota: keyof RamQuotas;
  readonly missing: ErrorCode;
  readonly attached: ErrorCode;
  readonly notAttached: ErrorCode;
  readonly tooMany: ErrorCode;
  readonly find: (ctx: LookupContext, name: string) => Promise<Pick<NamedEntity, 'entityId' | 'role'>>;
}

export const ENTITIES: Readonly<Record<EntityKind, EntityRow>> = Object.freeze({
  user: {
    word: 'User',
    parameter: 'UserName',
    field: userName(),
    customQuota: 'customPoliciesPerUser',
    missing: 'EntityNotExist.User',
    attached: 'EntityAlreadyExists.User.Policy',
    notAttached: 'EntityNotExist.User.Policy',
    tooMany: 'LimitExceeded.User.Policy',
    find: async (ctx, name) => ({ entityId: (await findUser(ctx, name)).user?.userId, role: undefined }),
  },
  group: {
    word: 'Group',
    parameter: 'GroupName',
    field: groupName(),
    customQuota: 'customPoliciesPerGroup',
    missing: 'EntityNotExist.Group',
    attached: 'EntityAlreadyExists.Group.Policy',
    notAttached: 'EntityNotExist.Group.Policy',
    tooMany: 'LimitExceeded.Group.Policy',
    find: async (ctx, name) => ({ entityId: (await findGroup(ctx, name)).group?.groupId, role: undefined }),
  },
  role: {
    word: 'Role',
    parameter: 'RoleName',
    field: roleName(),
    customQuota: 'customPoliciesPerRole',
    missing: 'EntityNotExist.Role',
    attached: 'EntityAlreadyExists.Role.Policy',
    notAttached: 'EntityNotExist.Role.Policy',
    tooMany: 'LimitExceeded.Role.Policy',
    find: async (ctx, name) => {
      const { role } = await namedRole(ctx, name);
      return { entityId: role?.roleId, role };
    },
  },
} as const satisfies Record<EntityKind, EntityRow>);

/** The entity that an input names in its parameter for this kind. */
export async function findEntity(ctx: LookupContext, kind: EntityKind, input: object): Promise<NamedEntity> {
  const { parameter, find } = ENTITIES[kind];
  const name = (input as Readonly<Record<string, string>>)[parameter]!;
  return { kind, name, ...(await find(ctx, name)) };
}

export interface WithEntity {
  readonly entity: NamedEntity;
}

export function entityPermission<I, R extends WithEntity>(action: `ram:${string}`, kind: EntityKind): Permission<I, R> {
  const { parameter } = ENTITIES[kind];
  return {
    action,
    resource: `acs:ram:*:{account}:${kind}/{${parameter}}`,
    arns: ({ resolved: { entity }, ctx }) =>
      entity.kind === 'role'
        ? roleArns(ctx.account, entity.name, entity.role)
        : ramArns(ctx.account, `${entity.kind}/${entity.name}`),
  };
}

export function entityFound(kind: EntityKind): Guard<WithEntity> {
  const { missing, word } = ENTITIES[kind];
  return {
    errors: [missing],
    doc: `The ${word.toLowerCase()} exists in this account.`,
    check: ({ entity }) => {
      if (entity.entityId === undefined) throw fail(missing);
    },
  };
}

/** Id of the entity that {@link entityFound} has made sure of. */
export function entityIdOf({ entity }: WithEntity): string {
  return sure(entity.entityId, 'entityFound');
}

export function entityReferences({ entity }: WithEntity): Readonly<Record<string, readonly string[]>> {
  return { [`ACS::RAM::${ENTITIES[entity.kind].word}`]: [entity.role?.roleName ?? entity.name] };
}
