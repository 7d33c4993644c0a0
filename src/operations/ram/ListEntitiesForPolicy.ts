import { roleArn } from '../../core/arn.ts';
import { isoSeconds } from '../../core/time.ts';
import { ATTACHMENTS, attachedPolicy, type EntityKind } from '../../domain/ram/attachment.ts';
import { GROUPS } from '../../domain/ram/group.ts';
import { ROLES } from '../../domain/ram/role.ts';
import { USERS } from '../../domain/ram/user.ts';
import type { Collection } from '../../domain/storage.ts';
import type { LookupContext } from '../../operation/context.ts';
import { out } from '../../schema/output.ts';
import { findPolicy, policyFound, policyPermission, policyReferences, policyType } from './_policy.ts';
import { reads } from './_product.ts';
import { policyName } from './_text.ts';

const AttachDate = out.text('When the policy was attached.');

export const ListEntitiesForPolicy = reads({
  product: 'Ram',
  name: 'ListEntitiesForPolicy',
  origin: 'vendor',
  title: 'Lists the users, groups and roles a policy is attached to.',
  input: { PolicyName: policyName(), PolicyType: policyType() },
  output: {
    Users: out.list('The users.', 'User', {
      UserId: out.text('Id of the user.'),
      UserName: out.text('Name of the user.'),
      DisplayName: out.text('Name to show.'),
      AttachDate,
    }),
    Groups: out.list('The groups.', 'Group', {
      GroupName: out.text('Name of the group.'),
      Comments: out.text('Remarks.'),
      AttachDate,
    }),
    Roles: out.list('The roles.', 'Role', {
      RoleId: out.text('Id of the role.'),
      RoleName: out.text('Name of the role.'),
      Arn: out.text('ARN of the role.'),
      Description: out.text('Description.'),
      AttachDate,
    }),
  },
  resolve: (ctx, input) => findPolicy(ctx, input.PolicyType, input.PolicyName),
  permissions: [policyPermission('ram:ListEntitiesForPolicy')],
  guards: [policyFound],
  throttle: 'query',
  errors: [],
  references: policyReferences,
  handle: async (ctx, _input, named) => {
    const value = attachedPolicy(named);
    const attachments = await ctx.read.list(ATTACHMENTS, ctx.place, { index: 'policy', value });
    const holders = <T>(kind: EntityKind, collection: Collection<T>) =>
      holdersOf(
        ctx,
        collection,
        attachments.filter((attachment) => attachment.entity === kind),
      );
    const [users, groups, roles] = await Promise.all([
      holders('user', USERS),
      holders('group', GROUPS),
      holders('role', ROLES),
    ]);
    return {
      Users: users.map(({ record: user, date }) => ({
        UserId: user.userId,
        UserName: user.userName,
        DisplayName: user.displayName,
        AttachDate: date,
      })),
      Groups: groups.map(({ record: group, date }) => ({
        GroupName: group.groupName,
        Comments: group.comments,
        AttachDate: date,
      })),
      Roles: roles.map(({ record: role, date }) => ({
        RoleId: role.roleId,
        RoleName: role.roleName,
        Arn: roleArn(ctx.account, role.roleName),
        Description: role.description,
        AttachDate: date,
      })),
    };
  },
});

async function holdersOf<T>(
  ctx: LookupContext,
  collection: Collection<T>,
  attachments: readonly { readonly entityId: string; readonly attachedAt: number }[],
): Promise<{ readonly record: T; readonly date: string }[]> {
  const found = await Promise.all(
    attachments.map(async ({ entityId, attachedAt }) => ({
      record: await ctx.read.get(collection, ctx.place, entityId),
      date: isoSeconds(new Date(attachedAt)),
    })),
  );
  return found.flatMap(({ record, date }) => (record === undefined ? [] : [{ record, date }]));
}
