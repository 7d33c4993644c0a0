import { isoSeconds } from '../../core/time.ts';
import { GROUPS, type GroupRecord } from '../../domain/ram/group.ts';
import { ramArns } from '../../domain/ram/resources.ts';
import type { LookupContext } from '../../operation/context.ts';
import { found, sure } from '../../operation/found.ts';
import type { Permission, Subject } from '../../operation/operation.ts';
import { out } from '../../schema/output.ts';

/** A group as the caller named it, and what that name finds. */
export interface NamedGroup {
  readonly groupName: string;
  readonly group: GroupRecord | undefined;
}

export async function findGroup(ctx: LookupContext, groupName: string): Promise<NamedGroup> {
  return { groupName, group: await ctx.read.find(GROUPS, ctx.place, 'name', groupName) };
}

export function groupPermission<I, R extends NamedGroup>(action: `ram:${string}`): Permission<I, R> {
  return {
    action,
    resource: 'acs:ram:*:{account}:group/{GroupName}',
    arns: ({ resolved, ctx }) => ramArns(ctx.account, `group/${resolved.groupName}`),
  };
}

export function groupsPermission<I, R>(action: `ram:${string}`): Permission<I, R> {
  return {
    action,
    resource: 'acs:ram:*:{account}:group/*',
    arns: ({ ctx }) => ramArns(ctx.account, 'group/*'),
  };
}

export const groupFound = found<NamedGroup>(
  'EntityNotExist.Group',
  'The group exists in this account.',
  ({ group }) => group,
);

/** The group that {@link groupFound} has made sure of. */
export function groupOf({ group }: NamedGroup): GroupRecord {
  return sure(group, 'groupFound');
}

export function groupReferences<I, R extends NamedGroup>({ resolved }: Subject<I, R>) {
  return { 'ACS::RAM::Group': [resolved.groupName] };
}

export const newGroupOutput = {
  GroupId: out.text('Id of the group; stays when the group is renamed.'),
  GroupName: out.text('Name of the group.'),
  Comments: out.text('Remarks.'),
  CreateDate: out.text('When the group was made.'),
};
export const groupOutput = { ...newGroupOutput, UpdateDate: out.text('When the group was last changed.') };

export function newGroupAnswer(group: GroupRecord) {
  return {
    GroupId: group.groupId,
    GroupName: group.groupName,
    Comments: group.comments,
    CreateDate: isoSeconds(new Date(group.createdAt)),
  };
}

export function groupAnswer(group: GroupRecord) {
  return { ...newGroupAnswer(group), UpdateDate: isoSeconds(new Date(group.updatedAt)) };
}
