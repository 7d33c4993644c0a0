import { roleArn } from '../../core/arn.ts';
import { numericId } from '../../core/ids.ts';
import { ramArns, roleArns } from '../../domain/ram/resources.ts';
import { ROLES, type RoleRecord } from '../../domain/ram/role.ts';
import { MAX_TRUST_POLICY_CHARACTERS } from '../../policy/document.ts';
import { text } from '../../schema/fields.ts';
import { notOffered } from '../../schema/not-offered.ts';
import { out } from '../../schema/output.ts';
import { isReservedRoleName } from '../../slr/catalogue.ts';
import { type NamedRole, namedRole, roleName, roleReferences } from '../../slr/named-role.ts';
import { writes } from './_product.ts';
import { assertTrust, maxSessionDuration, newRoleAnswer, newRoleOutput, trustConditions } from './_role.ts';
import { description } from './_text.ts';

export const CreateRole = writes({
  product: 'Ram',
  name: 'CreateRole',
  origin: 'vendor',
  title: 'Makes a role.',
  notes:
    'Names are unique whatever their case. Those that begin with `AliyunServiceRoleFor` are kept for service-linked roles. Users of the account that the document names must exist.',
  input: {
    RoleName: roleName('Name of the new role.'),
    AssumeRolePolicyDocument: text({
      doc: 'Trust policy: who may assume the role.',
      required: true,
      max: MAX_TRUST_POLICY_CHARACTERS,
    }),
    Description: description(),
    MaxSessionDuration: maxSessionDuration('Longest session, in seconds. Default: 3600.'),
    Tag: notOffered('Array', 'Roles and policies carry no tags here; leave it out.'),
  },
  output: { Role: out.object('The new role.', newRoleOutput) },
  resolve: (ctx, input) => namedRole(ctx, input.RoleName),
  permissions: [
    {
      action: 'ram:CreateRole',
      resource: 'acs:ram:*:{account}:role/*',
      // The documentation has had it both ways: all roles, and the role by its name.
      arns: ({ input, ctx }) => [
        ...ramArns(ctx.account, 'role/*'),
        ...roleArns(ctx.account, input.RoleName, undefined),
      ],
      conditions: trustConditions<{ readonly AssumeRolePolicyDocument: string }, NamedRole>(
        ({ input }) => input.AssumeRolePolicyDocument,
      ),
    },
  ],
  throttle: 'management',
  errors: [
    'MalformedPolicyDocument',
    'ReservedName.ServiceLinkedRole',
    'EntityAlreadyExists.Role',
    'LimitExceeded.Role',
  ],
  references: roleReferences,
  handle: async (ctx, input, { role: existing }) => {
    await assertTrust(ctx, input.AssumeRolePolicyDocument);
    if (isReservedRoleName(input.RoleName)) {
      throw ctx.fail('ReservedName.ServiceLinkedRole', { role: input.RoleName });
    }
    if (existing !== undefined) {
      throw ctx.fail('EntityAlreadyExists.Role', { detail: ` It is ${roleArn(ctx.account, existing.roleName)}.` });
    }
    if ((await ctx.tx.count(ROLES, ctx.place)) >= ctx.ports.quotas.roles) throw ctx.fail('LimitExceeded.Role');
    const now = ctx.now.getTime();
    const role: RoleRecord = {
      roleId: numericId('3', 18, ctx.ports.random),
      roleName: input.RoleName,
      description: input.Description ?? '',
      trustPolicy: input.AssumeRolePolicyDocument,
      maxSessionDuration: input.MaxSessionDuration ?? 3600,
      createdAt: now,
      updatedAt: now,
    };
    await ctx.tx.insert(ROLES, ctx.place, role);
    return { Role: newRoleAnswer(ctx.account, role) };
  },
});
