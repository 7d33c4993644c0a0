import { clientToken, text } from '../../schema/fields.ts';
import { textList } from '../../schema/list-fields.ts';
import { onGroup, region } from './_arn.ts';
import { findGroup, groupFound, groupReferences } from './_found.ts';
import { writes } from './_product.ts';
import { revoke } from './_rule-change.ts';
import { egressRules, RULE_ERRORS } from './_rule-input.ts';

export const RevokeSecurityGroupEgress = writes({
  product: 'Ecs',
  name: 'RevokeSecurityGroupEgress',
  origin: 'vendor',
  title: 'Removes rules for connections that go out.',
  notes:
    'Rules are named by their ids, or by the members that made them; Priority counts only when it is sent. A rule that is not there is a success.',
  input: {
    RegionId: region(),
    SecurityGroupId: text({ doc: 'The group.', required: true, max: 64 }),
    SecurityGroupRuleId: textList({ doc: 'Ids of rules.', maxItems: 100, max: 64 }),
    ...egressRules,
    ClientToken: clientToken(),
  },
  output: {},
  resolve: findGroup,
  permissions: [onGroup('ecs:RevokeSecurityGroupEgress')],
  guards: [groupFound],
  throttle: 'management',
  errors: RULE_ERRORS,
  references: groupReferences,
  handle: async (ctx, input, { group }) => {
    await revoke(ctx, input, group!, 'egress');
    return {};
  },
});
