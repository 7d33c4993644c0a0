import { text } from '../../schema/fields.ts';
import { out } from '../../schema/output.ts';
import { findStore, storeOf, storePermission, storeReferences } from './_key-store.ts';
import { instanceAnswer, instanceFound, instanceOutput } from './_kms-instance.ts';
import { reads } from './_product.ts';

export const GetKmsInstance = reads({
  product: 'Kms',
  name: 'GetKmsInstance',
  origin: 'vendor',
  title: 'Describes a private key store as the vendor describes its KMS instances.',
  notes:
    'DescribeKeyStore says more. What the vendor says of prices, periods and versions of an instance is left out: a store has none.',
  input: { KmsInstanceId: text({ doc: 'The key store: its id or its ARN.', required: true, max: 128 }) },
  output: { KmsInstance: out.object('The key store.', instanceOutput) },
  resolve: (ctx, input) => findStore(ctx, input.KmsInstanceId),
  permissions: [storePermission('kms:GetKmsInstance')],
  guards: [instanceFound],
  throttle: 'query',
  errors: [],
  references: storeReferences,
  handle: async (ctx, _input, named) => ({ KmsInstance: await instanceAnswer(ctx, storeOf(named)) }),
});
