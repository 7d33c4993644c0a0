import { GROUPS } from '../../domain/ram/group.ts';
import { out } from '../../schema/output.ts';
import {
  findGroup,
  groupAnswer,
  groupFound,
  groupOf,
  groupOutput,
  groupPermission,
  groupReferences,
} from './_group.ts';
import { writes } from './_product.ts';
import { comments, groupName, optionalGroupName } from './_text.ts';

export const UpdateGroup = writes({
  product: 'Ram',
  name: 'UpdateGroup',
  origin: 'vendor',
  title: 'Changes or renames a group.',
  notes: 'What is not sent stays. A renamed group keeps its id, members and policies.',
  input: {
    GroupName: groupName(),
    NewGroupName: optionalGroupName('New name.'),
    NewComments: comments('New remarks; empty clears them.'),
  },
  output: { Group: out.object('The group after the change.', groupOutput) },
  resolve: (ctx, input) => findGroup(ctx, input.GroupName),
  permissions: [groupPermission('ram:UpdateGroup')],
  guards: [groupFound],
  throttle: 'management',
  errors: ['EntityAlreadyExists.Group'],
  references: groupReferences,
  handle: async (ctx, input, named) => {
    const group = groupOf(named);
    const newName = input.NewGroupName ?? group.groupName;
    if (newName !== group.groupName && (await ctx.tx.find(GROUPS, ctx.place, 'name', newName)) !== undefined) {
      throw ctx.fail('EntityAlreadyExists.Group');
    }
    const changed = {
      ...group,
      groupName: newName,
      comments: input.NewComments ?? group.comments,
      updatedAt: ctx.now.getTime(),
    };
    await ctx.tx.update(GROUPS, ctx.place, changed);
    return { Group: groupAnswer(changed) };
  },
});
