import { ACCESS_KEYS, type AccessKeyRecord, accessKeyOwner } from '../../domain/ram/access-key.ts';
import { EVERY_ACCOUNT, ramPlace } from '../../domain/ram/account.ts';
import { ramArns } from '../../domain/ram/resources.ts';
import { USERS, type UserRecord } from '../../domain/ram/user.ts';
import { fail, missingInCode } from '../../errors/fault.ts';
import type { LookupContext } from '../../operation/context.ts';
import type { Guard, Permission } from '../../operation/operation.ts';
import { text } from '../../schema/fields.ts';
import { findUser } from './_user.ts';

/** Whose AccessKeys a call is about: the user named, else whoever calls. */
export type KeyOwner =
  | { readonly kind: 'user'; readonly userName: string; readonly user: UserRecord | undefined }
  | { readonly kind: 'root' }
  /** A session named nobody, and has no keys of its own. */
  | { readonly kind: 'nobody' };

export async function findKeyOwner(ctx: LookupContext, sent: string | undefined): Promise<KeyOwner> {
  if (sent !== undefined) return { kind: 'user', ...(await findUser(ctx, sent)) };
  const { principal } = ctx.caller;
  if (principal.kind === 'root') return { kind: 'root' };
  if (principal.kind !== 'user') return { kind: 'nobody' };
  const user = await ctx.read.get(USERS, ramPlace(principal.account), principal.userId);
  return { kind: 'user', userName: principal.userName, user };
}

function relativeOf(owner: KeyOwner): string {
  if (owner.kind === 'user') return `user/${owner.userName}`;
  return owner.kind === 'root' ? 'root' : 'user/*';
}

export function keyOwnerPermission<I>(action: `ram:${string}`): Permission<I, KeyOwner> {
  return {
    action,
    resource: 'acs:ram:*:{account}:user/{UserName}',
    arns: ({ resolved, ctx }) => ramArns(ctx.account, relativeOf(resolved)),
  };
}

export const keyOwnerFound: Guard<KeyOwner> = {
  errors: ['EntityNotExist.User'],
  doc: 'The user exists in this account.',
  check: (owner) => {
    if (owner.kind === 'nobody') throw missingInCode('UserName');
    if (owner.kind === 'user' && owner.user === undefined) throw fail('EntityNotExist.User');
  },
};

/** The owner's user id; undefined for the root user. */
export function ownerId(owner: KeyOwner): string | undefined {
  return owner.kind === 'user' ? owner.user?.userId : undefined;
}

export function keyOwnerReferences({ resolved }: { readonly resolved: KeyOwner }): Record<string, readonly string[]> {
  return resolved.kind === 'user' ? { 'ACS::RAM::User': [resolved.userName] } : {};
}

export function keysOf(ctx: LookupContext, owner: KeyOwner): Promise<AccessKeyRecord[]> {
  const value = accessKeyOwner(ctx.account, ownerId(owner));
  return ctx.read.list(ACCESS_KEYS, EVERY_ACCOUNT, { index: 'owner', value });
}

/** The key when it is one of the owner's. */
export async function ownKey(
  ctx: LookupContext,
  owner: KeyOwner,
  accessKeyId: string,
): Promise<AccessKeyRecord | undefined> {
  const key = await ctx.read.get(ACCESS_KEYS, EVERY_ACCOUNT, accessKeyId);
  const isOwn = key !== undefined && key.account === ctx.account && key.userId === ownerId(owner);
  return isOwn ? key : undefined;
}

/** Whether the key is the only one with which the account's root user can still call. */
export async function isLastOfRoot(ctx: LookupContext, owner: KeyOwner, key: AccessKeyRecord): Promise<boolean> {
  if (owner.kind !== 'root' || key.status === 'Inactive') return false;
  const active = (await keysOf(ctx, owner)).filter((other) => other.status === 'Active');
  return active.length === 1;
}

export const userAccessKeyId = () =>
  text({
    doc: 'Id of the AccessKey.',
    required: true,
    max: 128,
    pattern: /^[A-Za-z0-9._-]+$/,
    form: 'an AccessKey id',
  });
