import { decodeDiagnostic } from '../../domain/diagnostic.ts';
import { ramArns } from '../../domain/ram/resources.ts';
import { text } from '../../schema/fields.ts';
import { out } from '../../schema/output.ts';
import { reads } from './_product.ts';

export const DecodeDiagnosticMessage = reads({
  product: 'Ram',
  name: 'DecodeDiagnosticMessage',
  origin: 'vendor',
  title: 'Shows what a refused call was judged by, from the EncodedDiagnosticMessage of its refusal.',
  notes:
    'Only in the account of the caller that was refused, and as long as the deployment has the same root key. Says what the caller sent: what only tags of the resource or the trust policy of a role explain is not told here either.',
  input: {
    EncodedDiagnosticMessage: text({ doc: 'The message.', required: true, max: 65_536, masked: true }),
  },
  output: {
    DecodedDiagnosticMessage: out.object('The refusal.', {
      AuthAction: out.text('What was to be done.'),
      AuthResource: out.text('To what, as the caller named it.'),
      AuthConditions: out.plainList('Condition keys of the request.', 'AuthConditions', {
        ConditionKey: out.text('The key.'),
        ConditionValues: out.plainTextList('Its values.', 'ConditionValues'),
      }),
      AuthPrincipal: out.object('The caller.', {
        AuthPrincipalType: out.text('As in the refusal.'),
        AuthPrincipalOwnerId: out.text('Its account.'),
        AuthPrincipalDisplayName: out.text('As in the refusal.'),
      }),
      ExplicitDeny: out.flag('A statement denies it; else nothing allows it.'),
      NoPermissionPolicyType: out.text('Which layer refused.'),
      MatchedPolicies: out.plainList('With an explicit deny, the policies that deny.', 'MatchedPolicies', {
        AttachedEntityType: out.text(
          '`RamUser`, `RamGroup` or `RamRole`; empty for a policy that is part of something.',
        ),
        AttachedScope: out.text('`Account`.'),
        Effect: out.text('`Deny`.'),
        PolicyIdentifier: out.text('Name of the policy.'),
        PolicyType: out.text('`Custom` or `System`; `Inline` for a policy that is part of something.'),
        PolicyVersion: out.text('The version in force then.'),
      }),
    }),
  },
  permissions: [
    {
      action: 'ram:DecodeDiagnosticMessage',
      resource: 'acs:ram:*:{account}:*',
      arns: ({ ctx }) => ramArns(ctx.account, '*'),
    },
  ],
  throttle: 'query',
  errors: ['DiagnosticMessageUnreadable'],
  handle: async (ctx, input) => {
    const found = decodeDiagnostic(ctx.ports.sealer, ctx.account, input.EncodedDiagnosticMessage);
    if (found === undefined) throw ctx.fail('DiagnosticMessageUnreadable');
    return {
      DecodedDiagnosticMessage: {
        AuthAction: found.action,
        AuthResource: found.resource,
        AuthConditions: found.conditions.map(([ConditionKey, ConditionValues]) => ({ ConditionKey, ConditionValues })),
        AuthPrincipal: {
          AuthPrincipalType: found.principal.type,
          AuthPrincipalOwnerId: found.principal.ownerId,
          AuthPrincipalDisplayName: found.principal.displayName,
        },
        ExplicitDeny: found.explicitDeny,
        NoPermissionPolicyType: found.policyType,
        MatchedPolicies: found.matched.map((policy) => ({
          AttachedEntityType: policy.attachedTo,
          AttachedScope: 'Account',
          Effect: 'Deny',
          PolicyIdentifier: policy.identifier,
          PolicyType: policy.type,
          PolicyVersion: policy.version,
        })),
      },
    };
  },
});
