import { numericId } from '../../core/ids.ts';
import { USERS } from '../../domain/ram/user.ts';
import { out } from '../../schema/output.ts';
import { writes } from './_product.ts';
import { comments, displayName, email, mobilePhone, userName } from './_text.ts';
import { findUser, newUserAnswer, newUserOutput, usersPermission } from './_user.ts';

export const CreateUser = writes({
  product: 'Ram',
  name: 'CreateUser',
  origin: 'vendor',
  title: 'Makes a RAM user.',
  notes: 'A new user may do nothing until a policy is attached to it or to a group it joins.',
  input: {
    UserName: userName('Name of the new user; upper and lower case are different names.'),
    DisplayName: displayName(),
    MobilePhone: mobilePhone(),
    Email: email(),
    Comments: comments(),
  },
  output: { User: out.object('The new user.', newUserOutput) },
  resolve: (ctx, input) => findUser(ctx, input.UserName),
  permissions: [usersPermission('ram:CreateUser')],
  throttle: 'management',
  errors: ['EntityAlreadyExists.User', 'LimitExceeded.User'],
  references: ({ input }) => ({ 'ACS::RAM::User': [input.UserName] }),
  handle: async (ctx, input, { user: existing }) => {
    if (existing !== undefined) throw ctx.fail('EntityAlreadyExists.User');
    if ((await ctx.tx.count(USERS, ctx.place)) >= ctx.ports.quotas.users) throw ctx.fail('LimitExceeded.User');
    const now = ctx.now.getTime();
    const user = {
      userId: numericId('2', 18, ctx.ports.random),
      userName: input.UserName,
      displayName: input.DisplayName ?? '',
      mobilePhone: input.MobilePhone ?? '',
      email: input.Email ?? '',
      comments: input.Comments ?? '',
      createdAt: now,
      updatedAt: now,
    };
    await ctx.tx.insert(USERS, ctx.place, user);
    return { User: newUserAnswer(user) };
  },
});
