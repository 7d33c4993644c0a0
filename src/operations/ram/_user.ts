import { isoSeconds } from '../../core/time.ts';
import { ramArns } from '../../domain/ram/resources.ts';
import { USERS, type UserRecord } from '../../domain/ram/user.ts';
import type { LookupContext } from '../../operation/context.ts';
import { found, sure } from '../../operation/found.ts';
import type { Permission, Subject } from '../../operation/operation.ts';
import { out } from '../../schema/output.ts';

/** A user as the caller named it, and what that name finds. */
export interface NamedUser {
  readonly userName: string;
  readonly user: UserRecord | undefined;
}

export async function findUser(ctx: LookupContext, userName: string): Promise<NamedUser> {
  return { userName, user: await ctx.read.find(USERS, ctx.place, 'name', userName) };
}

/** Permission on the user that was named. */
export function userPermission<I, R extends NamedUser>(action: `ram:${string}`): Permission<I, R> {
  return {
    action,
    resource: 'acs:ram:*:{account}:user/{UserName}',
    arns: ({ resolved, ctx }) => ramArns(ctx.account, `user/${resolved.userName}`),
  };
}

/** Permission on users as such: to make or list them. */
export function usersPermission<I, R>(action: `ram:${string}`): Permission<I, R> {
  return {
    action,
    resource: 'acs:ram:*:{account}:user/*',
    arns: ({ ctx }) => ramArns(ctx.account, 'user/*'),
  };
}

export const userFound = found<NamedUser>(
  'EntityNotExist.User',
  'The user exists in this account.',
  ({ user }) => user,
);

/** The user that {@link userFound} has made sure of. */
export function userOf({ user }: NamedUser): UserRecord {
  return sure(user, 'userFound');
}

export function userReferences<I, R extends NamedUser>({ resolved }: Subject<I, R>) {
  return { 'ACS::RAM::User': [resolved.userName] };
}

const attributes = {
  UserId: out.text('Id of the user; stays when the user is renamed.'),
  UserName: out.text('Name of the user.'),
  DisplayName: out.text('Name to show.'),
  MobilePhone: out.text('Phone number.'),
  Email: out.text('Mail address.'),
  Comments: out.text('Remarks.'),
  CreateDate: out.text('When the user was made.'),
};

/** A user just made. */
export const newUserOutput = attributes;
export const userOutput = { ...attributes, UpdateDate: out.text('When the user was last changed.') };
export const userDetailOutput = {
  ...userOutput,
  LastLoginDate: out.text('When the user last logged in; empty for never.'),
};

export function newUserAnswer(user: UserRecord) {
  return {
    UserId: user.userId,
    UserName: user.userName,
    DisplayName: user.displayName,
    MobilePhone: user.mobilePhone,
    Email: user.email,
    Comments: user.comments,
    CreateDate: isoSeconds(new Date(user.createdAt)),
  };
}

export function userAnswer(user: UserRecord) {
  return { ...newUserAnswer(user), UpdateDate: isoSeconds(new Date(user.updatedAt)) };
}
