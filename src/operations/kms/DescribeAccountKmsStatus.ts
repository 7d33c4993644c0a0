import { out } from '../../schema/output.ts';
import { accountPermission } from './_account.ts';
import { reads } from './_product.ts';

export const DescribeAccountKmsStatus = reads({
  product: 'Kms',
  name: 'DescribeAccountKmsStatus',
  origin: 'vendor',
  title: 'Tells whether the account may use KMS.',
  notes: 'Always Enabled: there is nothing to buy.',
  input: {},
  output: { AccountStatus: out.text('`Enabled`.') },
  permissions: [accountPermission('kms:DescribeAccountKmsStatus')],
  throttle: 'query',
  errors: [],
  handle: async () => ({ AccountStatus: 'Enabled' }),
});
