import type { LookupContext } from '../../operation/context.ts';
import { findGroup, groupFound, groupPermission, type NamedGroup } from './_group.ts';
import { groupName, userName } from './_text.ts';
import { findUser, type NamedUser, userFound, userPermission } from './_user.ts';

/** A user and a group as the caller named them. */
export type UserAndGroup = NamedUser & NamedGroup;

export const membershipInput = { UserName: userName(), GroupName: groupName() };

export async function findUserAndGroup(
  ctx: LookupContext,
  input: { readonly UserName: string; readonly GroupName: string },
): Promise<UserAndGroup> {
  const [user, group] = await Promise.all([findUser(ctx, input.UserName), findGroup(ctx, input.GroupName)]);
  return { ...user, ...group };
}

/** Both the user and the group must be allowed. */
export function membershipPermissions<I>(action: `ram:${string}`) {
  return [userPermission<I, UserAndGroup>(action), groupPermission<I, UserAndGroup>(action)];
}

export const membershipGuards = [userFound, groupFound];

export function membershipReferences({ resolved }: { readonly resolved: UserAndGroup }) {
  return { 'ACS::RAM::User': [resolved.userName], 'ACS::RAM::Group': [resolved.groupName] };
}
