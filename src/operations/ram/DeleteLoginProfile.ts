import { writes } from './_product.ts';
import { loginProfileFound, NO_SIGN_IN, unreachable } from './_sign-in.ts';
import { userName } from './_text.ts';
import { findUser, userPermission, userReferences } from './_user.ts';

export const DeleteLoginProfile = writes({
  product: 'Ram',
  name: 'DeleteLoginProfile',
  origin: 'vendor',
  title: 'Takes away the password a RAM user signs in to the console with.',
  notes: NO_SIGN_IN,
  input: { UserName: userName() },
  output: {},
  resolve: (ctx, input) => findUser(ctx, input.UserName),
  permissions: [userPermission('ram:DeleteLoginProfile')],
  guards: loginProfileFound,
  throttle: 'management',
  errors: [],
  references: userReferences,
  handle: unreachable,
});
