import { fail } from '../../errors/fault.ts';
import type { Guard } from '../../operation/operation.ts';
import { type NamedUser, userFound } from './_user.ts';

/** Why these operations exist, for their notes. */
export const NO_SIGN_IN =
  'There is no console sign-in here, so no user has one. Served because clients take it away before they delete a user.';

/** The user exists; and no user has a password to sign in with. */
export const loginProfileFound: readonly Guard<NamedUser>[] = [
  userFound,
  {
    errors: ['EntityNotExist.User.LoginProfile'],
    doc: 'Never passes: no user has a login profile.',
    check: () => {
      throw fail('EntityNotExist.User.LoginProfile');
    },
  },
];

/** The user exists; and no user has a device for signing in. */
export const mfaDeviceFound: readonly Guard<NamedUser>[] = [
  userFound,
  {
    errors: ['EntityNotExist.User.MFADevice'],
    doc: 'Never passes: no user has an MFA device.',
    check: () => {
      throw fail('EntityNotExist.User.MFADevice');
    },
  },
];

/** What follows the guards above is never reached. */
export async function unreachable(): Promise<never> {
  throw new Error('a guard that never passes was passed over');
}
