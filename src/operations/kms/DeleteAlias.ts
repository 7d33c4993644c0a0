import { ALIASES } from '../../domain/kms/key.ts';
import {
  aliasFound,
  aliasName,
  aliasOf,
  aliasPermission,
  aliasReferences,
  findAlias,
  keyOfAlias,
  type NamedAlias,
} from './_alias.ts';
import { findKey, keyPermission } from './_key-reference.ts';
import { writes } from './_product.ts';

export const DeleteAlias = writes({
  product: 'Kms',
  name: 'DeleteAlias',
  origin: 'vendor',
  title: 'Removes an alias; its key stays.',
  input: { AliasName: aliasName() },
  output: {},
  resolve: async (ctx, input): Promise<NamedAlias> => ({
    aliasName: input.AliasName,
    alias: await findAlias(ctx, input.AliasName),
    key: await findKey(ctx, input.AliasName),
  }),
  permissions: [aliasPermission('kms:DeleteAlias'), keyPermission('kms:DeleteAlias', keyOfAlias)],
  guards: [aliasFound],
  throttle: 'management',
  errors: [],
  references: aliasReferences,
  handle: async (ctx, _input, named) => {
    await ctx.tx.remove(ALIASES, ctx.place, aliasOf(named).aliasName);
    return {};
  },
});
