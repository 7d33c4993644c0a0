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
import { reads } from './_product.ts';
import { groupName } from './_text.ts';

export const GetGroup = reads({
  product: 'Ram',
  name: 'GetGroup',
  origin: 'vendor',
  title: 'Shows a group.',
  input: { GroupName: groupName() },
  output: { Group: out.object('The group.', groupOutput) },
  resolve: (ctx, input) => findGroup(ctx, input.GroupName),
  permissions: [groupPermission('ram:GetGroup')],
  guards: [groupFound],
  throttle: 'query',
  errors: [],
  references: groupReferences,
  handle: async (_ctx, _input, named) => ({ Group: groupAnswer(groupOf(named)) }),
});
