import { ALIASES } from '../../domain/kms/key.ts';
import { out } from '../../schema/output.ts';
import { aliasAnswer, aliasOutput } from './_alias.ts';
import { findKey, itself, keyFound, keyId, keyOf, keyPermission, keyReferences } from './_key-reference.ts';
import { pageAnswer, pageInput, pageOutput, pageWindow } from './_paging.ts';
import { reads } from './_product.ts';

export const ListAliasesByKeyId = reads({
  product: 'Kms',
  name: 'ListAliasesByKeyId',
  origin: 'vendor',
  title: 'Lists the aliases of one key, by name.',
  input: { KeyId: keyId(), ...pageInput },
  output: { Aliases: out.list('The aliases on the page.', 'Alias', aliasOutput), ...pageOutput },
  resolve: (ctx, input) => findKey(ctx, input.KeyId),
  permissions: [keyPermission('kms:ListAliasesByKeyId', itself)],
  guards: [keyFound(itself)],
  throttle: 'query',
  errors: [],
  references: keyReferences(itself),
  handle: async (ctx, input, named) => {
    const of = { index: 'key', value: keyOf(named).keyId };
    const aliases = await ctx.read.list(ALIASES, ctx.place, { ...of, ...pageWindow(input) });
    const total = await ctx.read.count(ALIASES, ctx.place, of);
    return { Aliases: aliases.map((alias) => aliasAnswer(ctx, alias)), ...pageAnswer(input, total) };
  },
});
