import { KEYS } from '../../domain/kms/key.ts';
import { KEY_STORES } from '../../domain/kms/key-store.ts';
import { fail } from '../../errors/fault.ts';
import { Superseded } from '../../keystore/connect/failure.ts';
import { knownParts } from '../../keystore/connect/take-back.ts';
import type { Guard } from '../../operation/operation.ts';
import { optional, out } from '../../schema/output.ts';
import {
  connectionAllows,
  type NamedStore,
  namedStore,
  storeFound,
  storeInput,
  storeOf,
  storePermission,
  storeReferences,
} from './_key-store.ts';
import { writes } from './_product.ts';

const storeEmpty: Guard<NamedStore> = {
  errors: ['Rejected.KeyStoreNotEmpty'],
  doc: 'The key store holds no key, in whatever state.',
  check: async (named, ctx) => {
    const { keyStoreId } = storeOf(named);
    const count = await ctx.read.count(KEYS, ctx.place, { index: 'keyStore', value: keyStoreId });
    if (count > 0) throw fail('Rejected.KeyStoreNotEmpty', { store: keyStoreId, count });
  },
};

export const DeleteKeyStore = writes({
  product: 'Kms',
  name: 'DeleteKeyStore',
  origin: 'extension',
  title: 'Deletes a private key store that is disconnected and holds no key.',
  notes:
    'Does not touch the HSM cluster, its HSMs or the crypto user. Removes what KMS made in the VPC as far as the role may; what stays is told, and is the account owner’s to remove: the network interfaces first, then the security group.',
  input: { KeyStoreId: storeInput.id() },
  output: {
    RemainingResources: optional(
      out.textList('Interfaces and groups of the store that could not be removed.', 'RemainingResource'),
    ),
  },
  resolve: namedStore,
  permissions: [storePermission('kms:DeleteKeyStore')],
  guards: [storeFound, connectionAllows('delete'), storeEmpty],
  throttle: 'management',
  errors: [],
  references: storeReferences,
  prepare: async (ctx, _input, named): Promise<readonly string[]> => {
    const store = storeOf(named);
    // Never connected, so nothing was ever made for it.
    if (store.epoch === 0) return [];
    try {
      return await ctx.ports.clearAway(ctx.place, store);
    } catch (cause) {
      if (cause instanceof Superseded) {
        throw fail('Rejected.KeyStoreStateInvalid', { store: store.keyStoreId, state: 'Connecting' }, { cause });
      }
      // The deletion goes through whatever happens here: at worst more is told to be left than is.
      return knownParts(store);
    }
  },
  handle: async (ctx, _input, named, leftOver) => {
    const { keyStoreId } = storeOf(named);
    await ctx.tx.remove(KEY_STORES, ctx.place, keyStoreId);
    const { backends } = ctx.ports;
    ctx.tx.afterCommit(() => void backends.close(ctx.place, keyStoreId).catch(() => {}));
    return { RemainingResources: leftOver.length === 0 ? undefined : leftOver };
  },
});
