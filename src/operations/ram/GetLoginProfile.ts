import { out } from '../../schema/output.ts';
import { reads } from './_product.ts';
import { loginProfileFound, NO_SIGN_IN, unreachable } from './_sign-in.ts';
import { userName } from './_text.ts';
import { findUser, userPermission, userReferences } from './_user.ts';

export const GetLoginProfile = reads({
  product: 'Ram',
  name: 'GetLoginProfile',
  origin: 'vendor',
  title: 'Shows with what a RAM user signs in.',
  notes: NO_SIGN_IN,
  input: { UserName: userName() },
  output: {
    LoginProfile: out.object('The login profile.', {
      UserName: out.text('Name of the user.'),
      PasswordResetRequired: out.flag('The password must be changed at the next sign-in.'),
      MFABindRequired: out.flag('An MFA device must be bound.'),
      CreateDate: out.text('When it was made.'),
    }),
  },
  resolve: (ctx, input) => findUser(ctx, input.UserName),
  permissions: [userPermission('ram:GetLoginProfile')],
  guards: loginProfileFound,
  throttle: 'query',
  errors: [],
  references: userReferences,
  handle: unreachable,
});
