import { KEY_VERSIONS } from '../../domain/kms/key.ts';
import { out } from '../../schema/output.ts';
import { findKey, itself, keyFound, keyId, keyOf, keyPermission, keyReferences } from './_key-reference.ts';
import { keyVersionAnswer, keyVersionOutput } from './_key-version.ts';
import { pageAnswer, pageInput, pageOutput, pageWindow } from './_paging.ts';
import { reads } from './_product.ts';

export const ListKeyVersions = reads({
  product: 'Kms',
  name: 'ListKeyVersions',
  origin: 'vendor',
  title: 'Lists the versions of a key.',
  notes: 'Versions that a key got by itself, because the one before neared its number of messages, are among them.',
  input: { KeyId: keyId(), ...pageInput },
  output: { KeyVersions: out.list('The versions on the page.', 'KeyVersion', keyVersionOutput), ...pageOutput },
  resolve: (ctx, input) => findKey(ctx, input.KeyId),
  permissions: [keyPermission('kms:ListKeyVersions', itself)],
  guards: [keyFound(itself)],
  throttle: 'query',
  errors: [],
  references: keyReferences(itself),
  handle: async (ctx, input, named) => {
    const of = { index: 'key', value: keyOf(named).keyId };
    const versions = await ctx.read.list(KEY_VERSIONS, ctx.place, { ...of, ...pageWindow(input) });
    const total = await ctx.read.count(KEY_VERSIONS, ctx.place, of);
    return { KeyVersions: versions.map(keyVersionAnswer), ...pageAnswer(input, total) };
  },
});
