import { plainId } from '../../core/ids.ts';
import { GROUPS, type GroupRecord } from '../../domain/ram/group.ts';
import { out } from '../../schema/output.ts';
import { findGroup, groupReferences, groupsPermission, newGroupAnswer, newGroupOutput } from './_group.ts';
import { writes } from './_product.ts';
import { comments, groupName } from './_text.ts';

export const CreateGroup = writes({
  product: 'Ram',
  name: 'CreateGroup',
  origin: 'vendor',
  title: 'Makes a group of RAM users.',
  input: { GroupName: groupName('Name of the new group.'), Comments: comments() },
  output: { Group: out.object('The new group.', newGroupOutput) },
  resolve: (ctx, input) => findGroup(ctx, input.GroupName),
  permissions: [groupsPermission('ram:CreateGroup')],
  throttle: 'management',
  errors: ['EntityAlreadyExists.Group', 'LimitExceeded.Group'],
  references: groupReferences,
  handle: async (ctx, input, { group: existing }) => {
    if (existing !== undefined) throw ctx.fail('EntityAlreadyExists.Group');
    if ((await ctx.tx.count(GROUPS, ctx.place)) >= ctx.ports.quotas.groups) throw ctx.fail('LimitExceeded.Group');
    const now = ctx.now.getTime();
    const group: GroupRecord = {
      groupId: plainId('g', ctx.ports.random),
      groupName: input.GroupName,
      comments: input.Comments ?? '',
      createdAt: now,
      updatedAt: now,
    };
    await ctx.tx.insert(GROUPS, ctx.place, group);
    return { Group: newGroupAnswer(group) };
  },
});
