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
import { keyState } from './_key-guards.ts';
import { findKey, keyFound, keyId, keyOf, keyPermission } from './_key-reference.ts';
import { writes } from './_product.ts';

export const UpdateAlias = writes({
  product: 'Kms',
  name: 'UpdateAlias',
  origin: 'vendor',
  title: 'Points an alias to another key.',
  notes: 'The state of the key it pointed to does not matter, and no permission on that key is needed.',
  input: { AliasName: aliasName(), KeyId: keyId('The key it shall point to, in any form.') },
  output: {},
  resolve: async (ctx, input): Promise<NamedAlias> => ({
    aliasName: input.AliasName,
    alias: await findAlias(ctx, input.AliasName),
    key: await findKey(ctx, input.KeyId),
  }),
  permissions: [aliasPermission('kms:UpdateAlias'), keyPermission('kms:UpdateAlias', keyOfAlias)],
  guards: [aliasFound, keyFound(keyOfAlias), keyState('describe', keyOfAlias)],
  throttle: 'management',
  errors: [],
  references: aliasReferences,
  handle: async (ctx, _input, named) => {
    await ctx.tx.update(ALIASES, ctx.place, { ...aliasOf(named), keyId: keyOf(named.key).keyId });
    return {};
  },
});
