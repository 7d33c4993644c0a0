import { plainId } from '../../core/ids.ts';
import { SECURITY_GROUPS } from '../../domain/network/security-group.ts';
import { VPCS, type VpcRecord } from '../../domain/network/vpc.ts';
import { found } from '../../operation/found.ts';
import { choice, clientToken, text } from '../../schema/fields.ts';
import { notOffered } from '../../schema/not-offered.ts';
import { out } from '../../schema/output.ts';
import { resourceTags, tagsToKeep } from '../../schema/resource-tags.ts';
import { onAny, region } from './_arn.ts';
import { descriptionField, groupName } from './_naming.ts';
import { writes } from './_product.ts';

interface Home {
  readonly vpc: VpcRecord | undefined;
}

export const CreateSecurityGroup = writes({
  product: 'Ecs',
  name: 'CreateSecurityGroup',
  origin: 'vendor',
  title: 'Makes a security group.',
  notes:
    'A new group has no rules. What no rule speaks about: connections coming in are dropped; connections going out are accepted by a normal group and dropped by an enterprise group.',
  input: {
    RegionId: region(),
    VpcId: text({ doc: 'The VPC of the group. There is no classic network.', required: true, max: 64 }),
    SecurityGroupName: groupName(),
    Description: descriptionField(),
    SecurityGroupType: choice(['normal', 'enterprise'], { doc: 'Kind of group.', fallback: 'normal' }),
    ServiceManaged: notOffered('Boolean'),
    ResourceGroupId: notOffered(),
    Tag: resourceTags('Labels of the group.'),
    ClientToken: clientToken(),
  },
  output: { SecurityGroupId: out.text('Id of the group.') },
  resolve: async (ctx, input): Promise<Home> => ({ vpc: await ctx.read.get(VPCS, ctx.place, input.VpcId) }),
  permissions: [onAny('ecs:CreateSecurityGroup', 'securitygroup')],
  guards: [found<{ readonly vpc: unknown }>('InvalidVpcID.NotFound', 'The VPC exists.', ({ vpc }) => vpc)],
  throttle: 'management',
  errors: [],
  handle: async (ctx, input) => {
    const securityGroupId = plainId('sg', ctx.ports.random);
    await ctx.tx.insert(SECURITY_GROUPS, ctx.place, {
      securityGroupId,
      vpcId: input.VpcId,
      name: input.SecurityGroupName ?? '',
      description: input.Description ?? '',
      type: input.SecurityGroupType,
      createdAt: ctx.now.getTime(),
      tags: tagsToKeep(input.Tag),
      rules: [],
    });
    ctx.refer('ACS::ECS::SecurityGroup', securityGroupId);
    return { SecurityGroupId: securityGroupId };
  },
});
