import { ATTACHMENTS, attachedPolicy, type EntityKind } from '../../domain/ram/attachment.ts';
import { POLICIES } from '../../domain/ram/policy.ts';
import { flag } from '../../schema/fields.ts';
import { findPolicy, policyFound, policyOf, policyPermission, policyReferences } from './_policy.ts';
import { writes } from './_product.ts';
import { policyName } from './_text.ts';

// The vendor's table has no code for roles; this is the one its Terraform provider waits on.
const CONFLICTS = {
  user: 'DeleteConflict.Policy.User',
  group: 'DeleteConflict.Policy.Group',
  role: 'DeleteConflict.Role.Policy',
} as const satisfies Record<EntityKind, string>;

export const DeletePolicy = writes({
  product: 'Ram',
  name: 'DeletePolicy',
  origin: 'vendor',
  title: 'Deletes a custom policy.',
  notes:
    'It must not be attached to anything. For one attached to a role the code is DeleteConflict.Role.Policy (the vendor publishes none).',
  input: {
    PolicyName: policyName(),
    CascadingDelete: flag({ doc: 'Deletes all versions too. Detaches nothing.', fallback: false }),
  },
  output: {},
  resolve: (ctx, input) => findPolicy(ctx, 'Custom', input.PolicyName),
  permissions: [policyPermission('ram:DeletePolicy')],
  guards: [policyFound],
  throttle: 'management',
  errors: [...Object.values(CONFLICTS), 'DeleteConflict.Policy.Version'],
  references: policyReferences,
  handle: async (ctx, input, named) => {
    const { policyName: name, versions } = policyOf(named);
    const value = attachedPolicy({ policyType: 'Custom', policyName: name });
    const [attachment] = await ctx.tx.list(ATTACHMENTS, ctx.place, { index: 'policy', value, limit: 1 });
    if (attachment !== undefined) throw ctx.fail(CONFLICTS[attachment.entity]);
    if (versions.length > 1 && !input.CascadingDelete) throw ctx.fail('DeleteConflict.Policy.Version');
    await ctx.tx.remove(POLICIES, ctx.place, name);
    return {};
  },
});
