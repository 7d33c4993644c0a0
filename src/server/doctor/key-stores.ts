import { KEY_STORES, type KeyStoreRecord } from '../../domain/kms/key-store.ts';
import type { Place, Storage } from '../../domain/storage.ts';
import { type Finding, ok, problem, warning } from './check.ts';

/** How many HSMs of a connected store there are, and how many of them answer now. */
export type StoreHealth = (
  place: Place,
  store: KeyStoreRecord,
) => Promise<{ readonly total: number; readonly available: number }>;

function judged(what: string, { total, available }: Awaited<ReturnType<StoreHealth>>): Finding {
  const detail = `Connected; ${available} of ${total} HSMs answer`;
  if (available === total) return ok(what, detail);
  if (available > 0) return warning(what, detail, 'DescribeKeyStore says what keeps the others away.');
  return problem(
    what,
    detail,
    'Its keys cannot be used: see the HSMs, the network rules and the whitelist of the cluster.',
  );
}

/** Whether each private key store can be used: asked of a running server, which holds the links to the HSMs. */
export async function checkKeyStores(storage: Storage, health: StoreHealth): Promise<Finding[]> {
  const stores = await storage.reader.everywhere(KEY_STORES, undefined);
  return Promise.all(
    stores.map(async ({ place, record }): Promise<Finding> => {
      const what = `key store ${record.keyStoreId}`;
      switch (record.connection) {
        case 'Connected':
          return judged(what, await health(place, record));
        case 'Failed':
          return problem(
            what,
            `Failed: ${record.connectionErrorCode ?? 'InternalError'}. ${record.connectionErrorMessage ?? ''}`.trim(),
            'docs/guides/hsms.md has the cure for each code.',
          );
        default:
          return ok(what, record.connection);
      }
    }),
  );
}
