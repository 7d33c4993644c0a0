import { clientToken, text } from '../../schema/fields.ts';
import { onGroup, region } from './_arn.ts';
import { findGroup, groupFound, groupReferences } from './_found.ts';
import { writes } from './_product.ts';
import { AUTHORIZE_ERRORS, authorize } from './_rule-change.ts';
import { ingressRules } from './_rule-input.ts';

export const AuthorizeSecurityGroup = writes({
  product: 'Ecs',
  name: 'AuthorizeSecurityGroup',
  origin: 'vendor',
  title: 'Adds rules for connections that come in.',
  notes:
    'A rule that is there already is left as it is. A group holds at most 200 rules; rules are asked in the order of their priority, `drop` before `accept`. IPv4 only.',
  input: {
    RegionId: region(),
    SecurityGroupId: text({ doc: 'The group.', required: true, max: 64 }),
    ...ingressRules,
    ClientToken: clientToken(),
  },
  output: {},
  resolve: findGroup,
  permissions: [onGroup('ecs:AuthorizeSecurityGroup')],
  guards: [groupFound],
  throttle: 'management',
  errors: AUTHORIZE_ERRORS,
  references: groupReferences,
  handle: async (ctx, input, { group }) => {
    await authorize(ctx, input, group!, 'ingress');
    return {};
  },
});
