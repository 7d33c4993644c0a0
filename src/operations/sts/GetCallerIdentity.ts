import { userArn } from '../../core/arn.ts';
import type { Principal } from '../../operation/context.ts';
import { optional, out } from '../../schema/output.ts';
import { reads } from './_product.ts';

function identityOf(principal: Principal) {
  const { account } = principal;
  switch (principal.kind) {
    case 'root':
      return { IdentityType: 'Account', Arn: `acs:ram::${account}:root`, PrincipalId: account };
    case 'user': {
      const { userId, userName } = principal;
      return { IdentityType: 'RAMUser', Arn: userArn(account, userName), PrincipalId: userId, UserId: userId };
    }
    case 'session': {
      const { roleId, roleName, sessionName } = principal;
      return {
        IdentityType: 'AssumedRoleUser',
        Arn: `acs:ram::${account}:assumed-role/${roleName.toLowerCase()}/${sessionName}`,
        PrincipalId: `${roleId}:${sessionName}`,
        RoleId: roleId,
      };
    }
    case 'service':
      return { IdentityType: 'Service', Arn: `acs:ram::${account}:service/${principal.service}`, PrincipalId: account };
  }
}

export const GetCallerIdentity = reads({
  product: 'Sts',
  name: 'GetCallerIdentity',
  origin: 'vendor',
  title: 'Tells the caller who it is.',
  notes: 'Any authenticated caller may ask; no permission is documented.',
  input: {},
  output: {
    IdentityType: out.text('`Account`, `RAMUser` or `AssumedRoleUser`.'),
    AccountId: out.text('Account of the identity.'),
    Arn: out.text('ARN of the identity.'),
    PrincipalId: out.text('Account id, user id, or `<RoleId>:<session>`.'),
    UserId: optional(out.text('Only for RAM users.')),
    RoleId: optional(out.text('Only for role sessions.')),
  },
  permissions: 'none',
  throttle: 'sts',
  errors: [],
  handle: async (ctx) => ({ AccountId: ctx.account, ...identityOf(ctx.caller.principal) }),
});
