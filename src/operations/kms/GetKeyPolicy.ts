import { text } from '../../schema/fields.ts';
import { out } from '../../schema/output.ts';
import { findKey, itself, keyFound, keyId, keyPermission, keyReferences } from './_key-reference.ts';
import { reads } from './_product.ts';

/** The policy of a key that was given none: the account decides, through RAM. */
function defaultPolicy(account: string): string {
  return JSON.stringify({
    Version: '1',
    Statement: [
      {
        Sid: 'kms default key policy',
        Effect: 'Allow',
        Principal: { RAM: [`acs:ram::${account}:*`] },
        Action: ['kms:*'],
        Resource: ['*'],
      },
    ],
  });
}

export const GetKeyPolicy = reads({
  product: 'Kms',
  name: 'GetKeyPolicy',
  origin: 'vendor',
  title: 'Returns the policy kept on a key.',
  notes:
    'Key policies cannot be set here, so every key has the default one, which leaves access to RAM. Terraform reads it for keys of private key stores.',
  input: { KeyId: keyId(), PolicyName: text({ doc: 'Name of the policy: `default`.', fallback: 'default', max: 64 }) },
  output: { Policy: out.text('The policy document, as JSON text.') },
  resolve: (ctx, input) => findKey(ctx, input.KeyId),
  permissions: [keyPermission('kms:GetKeyPolicy', itself)],
  guards: [keyFound(itself)],
  throttle: 'query',
  errors: ['Forbidden.ResourceNotFound'],
  references: keyReferences(itself),
  handle: async (ctx, input) => {
    if (input.PolicyName !== 'default') throw ctx.fail('Forbidden.ResourceNotFound');
    return { Policy: defaultPolicy(ctx.account) };
  },
});
