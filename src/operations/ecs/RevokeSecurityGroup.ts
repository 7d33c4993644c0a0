import { clientToken, text } from '../../schema/fields.ts';
import { textList } from '../../schema/list-fields.ts';
import { onGroup, region } from './_arn.ts';
import { findGroup, groupFound, groupReferences } from './_found.ts';
import { writes } from './_product.ts';
import { revoke } from './_rule-change.ts';
import { ingressRules, RULE_ERRORS } from './_rule-input.ts';

export const RevokeSecurityGroup = writes({
  product: 'Ecs',
  name: 'RevokeSecurityGroup',
  origin: 'vendor',
  title: 'Removes rules for connections that come in.',
  notes:
    'Rules are named by their ids, or by the members that made them; Priority counts only when it is sent. A rule that is not there is a success.',
  input: {
    RegionId: region(),
    SecurityGroupId: text({ doc: 'The group.', required: true, max: 64 }),
    SecurityGroupRuleId: textList({ doc: 'Ids of rules.', maxItems: 100, max: 64 }),
    ...ingressRules,
    ClientToken: clientToken(),
  },
  output: {},
  resolve: findGroup,
  permissions: [onGroup('ecs:RevokeSecurityGroup')],
  guards: [groupFound],
  throttle: 'management',
  errors: RULE_ERRORS,
  references: groupReferences,
  handle: async (ctx, input, { group }) => {
    await revoke(ctx, input, group!, 'ingress');
    return {};
  },
});
