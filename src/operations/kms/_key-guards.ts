import { KEY_STATE_RULES, type KeyOperationClass, keyStateErrors } from '../../domain/kms/key-states.ts';
import { KEY_STORES } from '../../domain/kms/key-store.ts';
import { fail } from '../../errors/fault.ts';
import type { Guard } from '../../operation/operation.ts';
import { keyFound, keyOf, type NamedKey } from './_key-reference.ts';

/** The key's state lets this class of operations through. */
export function keyState<R>(group: KeyOperationClass, of: (resolved: R) => NamedKey): Guard<R> {
  return {
    errors: keyStateErrors(group),
    doc: `The key state allows it (class \`${group}\` of the table of key states).`,
    check: (resolved) => {
      const rule = KEY_STATE_RULES[group][keyOf(of(resolved)).state];
      if (rule !== 'ok') throw fail(rule);
    },
  };
}

/** The key is of the default store, or its private key store is connected. */
export function storeConnected<R>(of: (resolved: R) => NamedKey): Guard<R> {
  return {
    errors: ['Rejected.KeyStoreDisconnected'],
    doc: 'The private key store that holds the key is Connected.',
    check: async (resolved, ctx) => {
      const { keyStoreId } = keyOf(of(resolved));
      if (keyStoreId === undefined) return;
      const store = await ctx.read.get(KEY_STORES, ctx.place, keyStoreId);
      if (store?.connection === 'Connected') return;
      throw fail('Rejected.KeyStoreDisconnected', { store: keyStoreId, state: store?.connection ?? 'Disconnected' });
    },
  };
}

/** What must hold before a key's material is used. */
export function usable<R>(of: (resolved: R) => NamedKey): readonly Guard<R>[] {
  return [keyFound(of), keyState('use', of), storeConnected(of)];
}
