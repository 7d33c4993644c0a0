import { out } from '../../schema/output.ts';
import { reads } from './_product.ts';
import { mfaDeviceFound, NO_SIGN_IN, unreachable } from './_sign-in.ts';
import { userName } from './_text.ts';
import { findUser, userPermission, userReferences } from './_user.ts';

export const GetUserMFAInfo = reads({
  product: 'Ram',
  name: 'GetUserMFAInfo',
  origin: 'vendor',
  title: 'Shows the MFA device of a RAM user.',
  notes: NO_SIGN_IN,
  input: { UserName: userName() },
  output: {
    MFADevice: out.object('The device.', {
      SerialNumber: out.text('Its serial number.'),
      Type: out.text('Kind of device.'),
    }),
  },
  resolve: (ctx, input) => findUser(ctx, input.UserName),
  permissions: [userPermission('ram:GetUserMFAInfo')],
  guards: mfaDeviceFound,
  throttle: 'query',
  errors: [],
  references: userReferences,
  handle: unreachable,
});
