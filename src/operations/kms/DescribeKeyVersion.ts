import { KEY_VERSIONS } from '../../domain/kms/key.ts';
import { text } from '../../schema/fields.ts';
import { out } from '../../schema/output.ts';
import { findKey, itself, keyFound, keyId, keyOf, keyPermission, keyReferences } from './_key-reference.ts';
import { keyVersionAnswer, keyVersionOutput } from './_key-version.ts';
import { reads } from './_product.ts';

export const DescribeKeyVersion = reads({
  product: 'Kms',
  name: 'DescribeKeyVersion',
  origin: 'vendor',
  title: 'Returns one version of a key.',
  input: { KeyId: keyId(), KeyVersionId: text({ doc: 'Id of the version.', required: true, max: 64 }) },
  output: { KeyVersion: out.object('The version.', keyVersionOutput) },
  resolve: (ctx, input) => findKey(ctx, input.KeyId),
  permissions: [keyPermission('kms:DescribeKeyVersion', itself)],
  guards: [keyFound(itself)],
  throttle: 'query',
  errors: ['Forbidden.KeyVersionNotFound'],
  references: keyReferences(itself),
  handle: async (ctx, input, named) => {
    const version = await ctx.read.get(KEY_VERSIONS, ctx.place, input.KeyVersionId);
    if (version?.keyId !== keyOf(named).keyId) throw ctx.fail('Forbidden.KeyVersionNotFound');
    return { KeyVersion: keyVersionAnswer(version) };
  },
});
