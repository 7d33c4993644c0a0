import { accountPermission } from './_account.ts';
import { reads } from './_product.ts';

export const OpenKmsService = reads({
  product: 'Kms',
  name: 'OpenKmsService',
  origin: 'vendor',
  title: 'Opens KMS for the account.',
  notes: 'It is open from the start, so the answer is always Forbidden.Opened, which clients take for success.',
  input: {},
  output: {},
  permissions: [accountPermission('kms:OpenKmsService')],
  throttle: 'management',
  errors: ['Forbidden.Opened'],
  handle: async (ctx) => {
    throw ctx.fail('Forbidden.Opened');
  },
});
