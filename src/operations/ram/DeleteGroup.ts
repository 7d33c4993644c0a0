import { ATTACHMENTS, attachedEntity } from '../../domain/ram/attachment.ts';
import { GROUPS, MEMBERSHIPS } from '../../domain/ram/group.ts';
import { findGroup, groupFound, groupOf, groupPermission, groupReferences } from './_group.ts';
import { writes } from './_product.ts';
import { groupName } from './_text.ts';

export const DeleteGroup = writes({
  product: 'Ram',
  name: 'DeleteGroup',
  origin: 'vendor',
  title: 'Deletes a group.',
  notes: 'Its members are to be removed and its policies detached before.',
  input: { GroupName: groupName() },
  output: {},
  resolve: (ctx, input) => findGroup(ctx, input.GroupName),
  permissions: [groupPermission('ram:DeleteGroup')],
  guards: [groupFound],
  throttle: 'management',
  errors: ['DeleteConflict.Group.User', 'DeleteConflict.Group.Policy'],
  references: groupReferences,
  handle: async (ctx, _input, named) => {
    const { groupId } = groupOf(named);
    if ((await ctx.tx.count(MEMBERSHIPS, ctx.place, { index: 'group', value: groupId })) > 0) {
      throw ctx.fail('DeleteConflict.Group.User');
    }
    const entity = { index: 'entity', value: attachedEntity({ entity: 'group', entityId: groupId }) };
    if ((await ctx.tx.count(ATTACHMENTS, ctx.place, entity)) > 0) throw ctx.fail('DeleteConflict.Group.Policy');
    await ctx.tx.remove(GROUPS, ctx.place, groupId);
    return {};
  },
});
