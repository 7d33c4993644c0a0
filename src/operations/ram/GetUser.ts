import { out } from '../../schema/output.ts';
import { reads } from './_product.ts';
import { userName } from './_text.ts';
import { findUser, userAnswer, userDetailOutput, userFound, userOf, userPermission, userReferences } from './_user.ts';

export const GetUser = reads({
  product: 'Ram',
  name: 'GetUser',
  origin: 'vendor',
  title: 'Shows a RAM user.',
  input: { UserName: userName() },
  output: { User: out.object('The user.', userDetailOutput) },
  resolve: (ctx, input) => findUser(ctx, input.UserName),
  permissions: [userPermission('ram:GetUser')],
  guards: [userFound],
  throttle: 'query',
  errors: [],
  references: userReferences,
  handle: async (_ctx, _input, named) => ({ User: { ...userAnswer(userOf(named)), LastLoginDate: '' } }),
});
