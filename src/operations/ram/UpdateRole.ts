import { ROLES, type RoleRecord } from '../../domain/ram/role.ts';
import { MAX_TRUST_POLICY_CHARACTERS } from '../../policy/document.ts';
import { text } from '../../schema/fields.ts';
import { out } from '../../schema/output.ts';
import {
  type NamedRole,
  namedRole,
  roleFound,
  roleName,
  roleOf,
  rolePermission,
  roleReferences,
} from '../../slr/named-role.ts';
import { writes } from './_product.ts';
import { assertTrust, immutableRole, maxSessionDuration, roleAnswer, roleOutput, trustConditions } from './_role.ts';
import { description } from './_text.ts';

interface Sent {
  readonly NewAssumeRolePolicyDocument: string | undefined;
}

function isSame(a: RoleRecord, b: RoleRecord): boolean {
  return (
    a.trustPolicy === b.trustPolicy && a.description === b.description && a.maxSessionDuration === b.maxSessionDuration
  );
}

export const UpdateRole = writes({
  product: 'Ram',
  name: 'UpdateRole',
  origin: 'vendor',
  title: 'Changes a role.',
  notes: 'What is not sent stays. A service-linked role takes no change; sending the values it has is no change.',
  input: {
    RoleName: roleName(),
    NewAssumeRolePolicyDocument: text({ doc: 'New trust policy.', max: MAX_TRUST_POLICY_CHARACTERS }),
    NewDescription: description('New description; empty clears it.'),
    NewMaxSessionDuration: maxSessionDuration('New longest session, in seconds.'),
  },
  output: { Role: out.object('The role after the change.', roleOutput) },
  resolve: (ctx, input) => namedRole(ctx, input.RoleName),
  permissions: [
    {
      ...rolePermission('ram:UpdateRole'),
      conditions: trustConditions<Sent, NamedRole>(({ input }) => input.NewAssumeRolePolicyDocument),
      storedConditions: trustConditions<Sent, NamedRole>(({ input, resolved }) =>
        input.NewAssumeRolePolicyDocument === undefined ? resolved.role?.trustPolicy : undefined,
      ),
    },
  ],
  guards: [roleFound],
  throttle: 'management',
  errors: ['ImmutableRole.ServiceLinked', 'MalformedPolicyDocument'],
  references: roleReferences,
  handle: async (ctx, input, named) => {
    const role = roleOf(named);
    const changed: RoleRecord = {
      ...role,
      trustPolicy: input.NewAssumeRolePolicyDocument ?? role.trustPolicy,
      description: input.NewDescription ?? role.description,
      maxSessionDuration: input.NewMaxSessionDuration ?? role.maxSessionDuration,
      updatedAt: ctx.now.getTime(),
    };
    if (isSame(role, changed)) return { Role: roleAnswer(ctx.account, role) };
    if (role.linkedService !== undefined) throw immutableRole(role);
    if (changed.trustPolicy !== role.trustPolicy) await assertTrust(ctx, changed.trustPolicy);
    await ctx.tx.update(ROLES, ctx.place, changed);
    return { Role: roleAnswer(ctx.account, changed) };
  },
});
