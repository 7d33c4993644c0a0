import { USERS } from '../../domain/ram/user.ts';
import { out } from '../../schema/output.ts';
import { writes } from './_product.ts';
import { comments, displayName, email, mobilePhone, optionalUserName, userName } from './_text.ts';
import { findUser, userAnswer, userFound, userOf, userOutput, userPermission, userReferences } from './_user.ts';

export const UpdateUser = writes({
  product: 'Ram',
  name: 'UpdateUser',
  origin: 'vendor',
  title: 'Changes or renames a RAM user.',
  notes: 'What is not sent stays. A renamed user keeps its id, groups, policies and AccessKeys.',
  input: {
    UserName: userName(),
    NewUserName: optionalUserName('New name.'),
    NewDisplayName: displayName('New name to show; empty clears it.'),
    NewMobilePhone: mobilePhone('New phone number; empty clears it.'),
    NewEmail: email('New mail address; empty clears it.'),
    NewComments: comments('New remarks; empty clears them.'),
  },
  output: { User: out.object('The user after the change.', userOutput) },
  resolve: (ctx, input) => findUser(ctx, input.UserName),
  permissions: [userPermission('ram:UpdateUser')],
  guards: [userFound],
  throttle: 'management',
  errors: ['EntityAlreadyExists.User'],
  references: userReferences,
  handle: async (ctx, input, named) => {
    const user = userOf(named);
    const newName = input.NewUserName ?? user.userName;
    if (newName !== user.userName && (await ctx.tx.find(USERS, ctx.place, 'name', newName)) !== undefined) {
      throw ctx.fail('EntityAlreadyExists.User');
    }
    const changed = {
      ...user,
      userName: newName,
      displayName: input.NewDisplayName ?? user.displayName,
      mobilePhone: input.NewMobilePhone ?? user.mobilePhone,
      email: input.NewEmail ?? user.email,
      comments: input.NewComments ?? user.comments,
      updatedAt: ctx.now.getTime(),
    };
    await ctx.tx.update(USERS, ctx.place, changed);
    return { User: userAnswer(changed) };
  },
});
