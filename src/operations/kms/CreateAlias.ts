import { ALIASES } from '../../domain/kms/key.ts';
import { aliasName, aliasPermission, aliasReferences, findAlias, keyOfAlias, type NamedAlias } from './_alias.ts';
import { keyState } from './_key-guards.ts';
import { findKey, keyFound, keyId, keyOf, keyPermission } from './_key-reference.ts';
import { writes } from './_product.ts';

export const CreateAlias = writes({
  product: 'Kms',
  name: 'CreateAlias',
  origin: 'vendor',
  title: 'Gives a key another name.',
  input: { AliasName: aliasName(), KeyId: keyId() },
  output: {},
  resolve: async (ctx, input): Promise<NamedAlias> => ({
    aliasName: input.AliasName,
    alias: await findAlias(ctx, input.AliasName),
    key: await findKey(ctx, input.KeyId),
  }),
  permissions: [aliasPermission('kms:CreateAlias'), keyPermission('kms:CreateAlias', keyOfAlias)],
  guards: [keyFound(keyOfAlias), keyState('create-alias', keyOfAlias)],
  throttle: 'management',
  errors: ['AliasAlreadyExists', 'Rejected.LimitExceeded'],
  references: aliasReferences,
  handle: async (ctx, input, named) => {
    if (named.alias !== undefined) throw ctx.fail('AliasAlreadyExists');
    if ((await ctx.tx.count(ALIASES, ctx.place)) >= ctx.ports.quotas.aliases) {
      throw ctx.fail('Rejected.LimitExceeded', { what: 'aliases' });
    }
    const { keyId: id } = keyOf(named.key);
    await ctx.tx.insert(ALIASES, ctx.place, { aliasName: input.AliasName, keyId: id, createdAt: ctx.now.getTime() });
    return {};
  },
});
