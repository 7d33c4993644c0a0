import { isoSeconds } from '../../core/time.ts';
import type { SecurityRule } from '../../domain/network/security-rule.ts';
import { choice, integer, text } from '../../schema/fields.ts';
import { notOffered } from '../../schema/not-offered.ts';
import { optional, out } from '../../schema/output.ts';
import { onGroup, region } from './_arn.ts';
import { findGroup, groupFound } from './_found.ts';
import { reads } from './_product.ts';
import { tokenPage } from './_token-page.ts';

function ruleAnswer(rule: SecurityRule) {
  const inward = rule.direction === 'ingress';
  const [source, destination] = inward ? [rule.peerCidr, rule.ownCidr] : [rule.ownCidr, rule.peerCidr];
  return {
    SecurityGroupRuleId: rule.ruleId,
    Direction: rule.direction,
    IpProtocol: rule.protocol,
    PortRange: rule.portRange,
    SourcePortRange: rule.sourcePortRange ?? '',
    SourceCidrIp: source ?? '',
    DestCidrIp: destination ?? '',
    SourceGroupId: inward ? (rule.peerGroupId ?? '') : '',
    DestGroupId: inward ? '' : (rule.peerGroupId ?? ''),
    Policy: rule.policy === 'accept' ? 'Accept' : 'Drop',
    Priority: String(rule.priority),
    NicType: 'intranet',
    Description: rule.description,
    CreateTime: isoSeconds(new Date(rule.createdAt)),
  };
}

export const DescribeSecurityGroupAttribute = reads({
  product: 'Ecs',
  name: 'DescribeSecurityGroupAttribute',
  origin: 'vendor',
  title: 'Shows a security group with its rules.',
  input: {
    RegionId: region(),
    SecurityGroupId: text({ doc: 'The group.', required: true, max: 64 }),
    Direction: choice(['all', 'ingress', 'egress'], { doc: 'Which rules.', fallback: 'all' }),
    NicType: text({ doc: 'Without effect: in a VPC there is `intranet` only.', max: 16 }),
    Attribute: notOffered(),
    MaxResults: integer({ doc: 'Rules on a page; all when left out.', min: 10, max: 1000 }),
    NextToken: text({ doc: 'NextToken of the page before.', max: 512 }),
  },
  output: {
    RegionId: out.text('The region.'),
    SecurityGroupId: out.text('Id of the group.'),
    SecurityGroupName: out.text('Its name.'),
    Description: out.text('Free text.'),
    VpcId: out.text('Its VPC.'),
    InnerAccessPolicy: out.text(
      "The vendor's default for the kind of group: `Accept` for normal, `Drop` for enterprise groups. Without effect: interfaces reach HSMs here, not one another.",
    ),
    Permissions: out.list('The rules, by id.', 'Permission', {
      SecurityGroupRuleId: out.text('Id of the rule.'),
      Direction: out.text('`ingress` or `egress`.'),
      IpProtocol: out.text('Protocol.'),
      PortRange: out.text('Destination ports.'),
      SourcePortRange: out.text('Source ports; empty for any.'),
      SourceCidrIp: out.text('Source addresses; empty when the rule does not say.'),
      DestCidrIp: out.text('Destination addresses; empty when the rule does not say.'),
      SourceGroupId: out.text('Source group, or empty.'),
      DestGroupId: out.text('Destination group, or empty.'),
      Policy: out.text('`Accept` or `Drop`.'),
      Priority: out.text('1 is asked first.'),
      NicType: out.text('Always `intranet`.'),
      Description: out.text('Free text.'),
      CreateTime: out.text('When it was made.'),
    }),
    NextToken: optional(out.text('To be sent to get the next page.')),
  },
  resolve: findGroup,
  permissions: [onGroup('ecs:DescribeSecurityGroupAttribute')],
  guards: [groupFound],
  throttle: 'query',
  errors: ['InvalidNextToken'],
  handle: async (ctx, input, { group }) => {
    const { rules, ...rest } = group!;
    const wanted = rules
      .filter((rule) => input.Direction === 'all' || rule.direction === input.Direction)
      .sort((a, b) => (a.ruleId < b.ruleId ? -1 : 1));
    const wish = { PageNumber: 1, PageSize: wanted.length, MaxResults: input.MaxResults, NextToken: input.NextToken };
    const page = tokenPage(wanted, wish, (rule) => rule.ruleId);
    return {
      RegionId: ctx.region,
      SecurityGroupId: rest.securityGroupId,
      SecurityGroupName: rest.name,
      Description: rest.description,
      VpcId: rest.vpcId,
      InnerAccessPolicy: rest.type === 'normal' ? 'Accept' : 'Drop',
      Permissions: page.items.map(ruleAnswer),
      ...('NextToken' in page.about ? { NextToken: page.about.NextToken as string } : {}),
    };
  },
});
