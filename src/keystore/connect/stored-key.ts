import { KEY_VERSIONS, KEYS } from '../../domain/kms/key.ts';
import { Blobs } from '../backends/pkcs11/store-backend.ts';
import type { Attempt } from './attempt.ts';

/** A key the store holds, to be tried on a member. */
export interface StoredKey {
  readonly blob: Uint8Array;
  readonly checkValue: string;
}

/** Any one key of the store; undefined when it holds none. */
export async function anyStoredKey(attempt: Attempt): Promise<StoredKey | undefined> {
  const { ports, place, store } = attempt;
  const [key] = await ports.read.list(KEYS, place, { index: 'keyStore', value: store.keyStoreId, limit: 1 });
  if (key === undefined) return undefined;
  const version = await ports.read.get(KEY_VERSIONS, place, key.primaryVersionId);
  if (version?.material.kind !== 'hsm') return undefined;
  const home = { place, keyId: key.keyId, versionId: version.versionId };
  const blob = new Blobs(ports.sealer, 0).open(version.material, home, store.keyStoreId);
  return { blob, checkValue: version.material.checkValue };
}
