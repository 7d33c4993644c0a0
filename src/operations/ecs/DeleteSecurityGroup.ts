import { NETWORK_INTERFACES } from '../../domain/network/network-interface.ts';
import { SECURITY_GROUPS } from '../../domain/network/security-group.ts';
import { text } from '../../schema/fields.ts';
import { onGroup, region } from './_arn.ts';
import { findGroup, groupFound, groupReferences } from './_found.ts';
import { writes } from './_product.ts';

export const DeleteSecurityGroup = writes({
  product: 'Ecs',
  name: 'DeleteSecurityGroup',
  origin: 'vendor',
  title: 'Deletes a security group that no interface is in and no rule of another group names.',
  input: { RegionId: region(), SecurityGroupId: text({ doc: 'The group.', required: true, max: 64 }) },
  output: {},
  resolve: findGroup,
  permissions: [onGroup('ecs:DeleteSecurityGroup')],
  guards: [groupFound],
  throttle: 'management',
  errors: ['DependencyViolation'],
  references: groupReferences,
  handle: async (ctx, input) => {
    const id = input.SecurityGroupId;
    const [inside] = await ctx.tx.list(NETWORK_INTERFACES, ctx.place, { index: 'group', value: id, limit: 1 });
    if (inside !== undefined) {
      throw ctx.fail('DependencyViolation', { what: `${inside.networkInterfaceId} is in the security group` });
    }
    const [naming] = await ctx.tx.list(SECURITY_GROUPS, ctx.place, { index: 'peer', value: id, limit: 1 });
    if (naming !== undefined) {
      throw ctx.fail('DependencyViolation', { what: `a rule of ${naming.securityGroupId} names the security group` });
    }
    await ctx.tx.remove(SECURITY_GROUPS, ctx.place, id);
    return {};
  },
});
