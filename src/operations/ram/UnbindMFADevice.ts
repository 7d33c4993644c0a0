import { out } from '../../schema/output.ts';
import { writes } from './_product.ts';
import { mfaDeviceFound, NO_SIGN_IN, unreachable } from './_sign-in.ts';
import { userName } from './_text.ts';
import { findUser, userPermission, userReferences } from './_user.ts';

export const UnbindMFADevice = writes({
  product: 'Ram',
  name: 'UnbindMFADevice',
  origin: 'vendor',
  title: 'Takes an MFA device away from a RAM user.',
  notes: NO_SIGN_IN,
  input: { UserName: userName() },
  output: {
    MFADevice: out.object('The device.', { SerialNumber: out.text('Its serial number.') }),
  },
  resolve: (ctx, input) => findUser(ctx, input.UserName),
  permissions: [userPermission('ram:UnbindMFADevice')],
  guards: mfaDeviceFound,
  throttle: 'management',
  errors: [],
  references: userReferences,
  handle: unreachable,
});
