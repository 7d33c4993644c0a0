import { isoSeconds } from '../../core/time.ts';
import { NETWORK_INTERFACES } from '../../domain/network/network-interface.ts';
import { hasTags } from '../../domain/network/resource-tag.ts';
import { SECURITY_GROUPS, type SecurityGroupRecord } from '../../domain/network/security-group.ts';
import type { LookupContext } from '../../operation/context.ts';
import { choice, dryRun, flag, json, text } from '../../schema/fields.ts';
import { notOffered } from '../../schema/not-offered.ts';
import { out } from '../../schema/output.ts';
import { FieldRejected } from '../../schema/rejected.ts';
import { tagFilter, tagPairs } from '../../schema/resource-tags.ts';
import { onAny, region } from './_arn.ts';
import { reads } from './_product.ts';
import { pageInput, pageOutput, tokenPage } from './_token-page.ts';

/** The vendor writes several ids as a JSON array in one parameter. */
const ids = json(
  { doc: 'Only these groups: a JSON array of up to 100 ids.', limits: 'JSON array' },
  (value, name): readonly string[] => {
    if (Array.isArray(value) && value.length <= 100 && value.every((item) => typeof item === 'string')) return value;
    throw new FieldRejected(name, 'format', `${name} must be a JSON array of at most 100 ids`);
  },
);

async function groupAnswer(ctx: LookupContext, group: SecurityGroupRecord) {
  const members = { index: 'group', value: group.securityGroupId };
  return {
    SecurityGroupId: group.securityGroupId,
    SecurityGroupName: group.name,
    Description: group.description,
    SecurityGroupType: group.type,
    VpcId: group.vpcId,
    CreationTime: isoSeconds(new Date(group.createdAt)),
    EcsCount: await ctx.read.count(NETWORK_INTERFACES, ctx.place, members),
    RuleCount: group.rules.length,
    GroupToGroupRuleCount: group.rules.filter((rule) => rule.peerGroupId !== undefined).length,
    ResourceGroupId: '',
    ServiceManaged: false,
    ServiceID: 0,
    Tags: group.tags.map((tag) => ({ TagKey: tag.key, TagValue: tag.value })),
  };
}

export const DescribeSecurityGroups = reads({
  product: 'Ecs',
  name: 'DescribeSecurityGroups',
  origin: 'vendor',
  title: 'Lists security groups.',
  input: {
    RegionId: region(),
    VpcId: text({ doc: 'Only groups of this VPC.', max: 64 }),
    SecurityGroupId: text({ doc: 'Only this group.', max: 64 }),
    SecurityGroupIds: ids,
    SecurityGroupName: text({ doc: 'Only groups of this name.', max: 128 }),
    FuzzyQuery: flag({ doc: 'SecurityGroupName may be any part of the name.' }),
    SecurityGroupType: choice(['normal', 'enterprise'], { doc: 'Only groups of this kind.' }),
    NetworkType: choice(['vpc', 'classic'], { doc: '`classic` finds nothing.' }),
    IsQueryEcsCount: flag({ doc: 'Without effect: the count is always given.' }),
    ServiceManaged: flag({ doc: 'True finds nothing.' }),
    ResourceGroupId: notOffered(),
    Tag: tagFilter('Only groups with these labels.'),
    ...pageInput,
    DryRun: dryRun(),
  },
  output: {
    RegionId: out.text('The region.'),
    SecurityGroups: out.list('The groups on the page.', 'SecurityGroup', {
      SecurityGroupId: out.text('Id of the group.'),
      SecurityGroupName: out.text('Its name.'),
      Description: out.text('Free text.'),
      SecurityGroupType: out.text('`normal` or `enterprise`.'),
      VpcId: out.text('Its VPC.'),
      CreationTime: out.text('When it was made.'),
      EcsCount: out.integer('Network interfaces in it.'),
      RuleCount: out.integer('Rules in it.'),
      GroupToGroupRuleCount: out.integer('Rules that name a group.'),
      ResourceGroupId: out.text('Always empty.'),
      ServiceManaged: out.flag('Always false.'),
      ServiceID: out.integer('Always 0.'),
      Tags: out.list('Its labels.', 'Tag', {
        TagKey: out.text('Name of the label.'),
        TagValue: out.text('Its value.'),
      }),
    }),
    ...pageOutput,
  },
  permissions: [onAny('ecs:DescribeSecurityGroups', 'securitygroup')],
  throttle: 'query',
  errors: ['InvalidNextToken'],
  handle: async (ctx, input) => {
    const all = await ctx.read.list(
      SECURITY_GROUPS,
      ctx.place,
      input.VpcId === undefined ? {} : { index: 'vpc', value: input.VpcId },
    );
    const named = (name: string): boolean =>
      input.SecurityGroupName === undefined ||
      (input.FuzzyQuery === true ? name.includes(input.SecurityGroupName) : name === input.SecurityGroupName);
    const found = all.filter(
      (group) =>
        input.NetworkType !== 'classic' &&
        input.ServiceManaged !== true &&
        (input.SecurityGroupId === undefined || group.securityGroupId === input.SecurityGroupId) &&
        (input.SecurityGroupIds === undefined || input.SecurityGroupIds.includes(group.securityGroupId)) &&
        (input.SecurityGroupType === undefined || group.type === input.SecurityGroupType) &&
        named(group.name) &&
        hasTags(group.tags, tagPairs(input.Tag)),
    );
    const page = tokenPage(found, input, (group) => group.securityGroupId);
    return {
      RegionId: ctx.region,
      SecurityGroups: await Promise.all(page.items.map((group) => groupAnswer(ctx, group))),
      ...page.about,
    };
  },
});
