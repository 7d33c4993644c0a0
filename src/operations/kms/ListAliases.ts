import { kmsArn } from '../../core/arn.ts';
import { ALIASES } from '../../domain/kms/key.ts';
import { out } from '../../schema/output.ts';
import { aliasAnswer, aliasOutput } from './_alias.ts';
import { pageAnswer, pageInput, pageOutput, pageWindow } from './_paging.ts';
import { reads } from './_product.ts';

export const ListAliases = reads({
  product: 'Kms',
  name: 'ListAliases',
  origin: 'vendor',
  title: 'Lists the aliases of the region, by name.',
  input: pageInput,
  output: { Aliases: out.list('The aliases on the page.', 'Alias', aliasOutput), ...pageOutput },
  permissions: [
    {
      action: 'kms:ListAliases',
      resource: 'acs:kms:{region}:{account}:alias',
      arns: ({ ctx }) => kmsArn(ctx.region, ctx.account, 'alias'),
    },
  ],
  throttle: 'query',
  errors: [],
  handle: async (ctx, input) => {
    const aliases = await ctx.read.list(ALIASES, ctx.place, pageWindow(input));
    const total = await ctx.read.count(ALIASES, ctx.place);
    return { Aliases: aliases.map((alias) => aliasAnswer(ctx, alias)), ...pageAnswer(input, total) };
  },
});
