import type { Random } from '../core/random.ts';
import type { KeyBackend, KeyBackends } from '../domain/kms/backend.ts';
import {
  ALIASES,
  KEY_VERSIONS,
  KEYS,
  type KeyRecord,
  type KeyVersionRecord,
  messageCounter,
} from '../domain/kms/key.ts';
import { deletionStands, KEY_DELETION, type KeyDeletion } from '../domain/kms/key-deletion.ts';
import { KEY_STORES } from '../domain/kms/key-store.ts';
import { serviceEvent } from '../domain/service-event.ts';
import type { Place, Reader, Transaction } from '../domain/storage.ts';
import type { TaskHandler } from '../domain/tasks.ts';

export interface KeyDeletionPorts {
  readonly backends: KeyBackends;
  readonly random: Random;
}

const PAGE = 500;

/** What became of the material, in the words of the event. */
interface Destruction {
  /** Only for keys of private key stores: no member of the cluster can still use the key. */
  readonly HsmKeyDeleted?: boolean;
  readonly Destruction: string;
}

async function versionsOf(read: Reader, place: Place, keyId: string): Promise<KeyVersionRecord[]> {
  const versions: KeyVersionRecord[] = [];
  for (let offset = 0; ; offset += PAGE) {
    const page = await read.list(KEY_VERSIONS, place, { index: 'key', value: keyId, offset, limit: PAGE });
    versions.push(...page);
    if (page.length < PAGE) return versions;
  }
}

/** Where the material may still be held in memory, in words. */
async function forget(backend: KeyBackend, place: Place, versions: readonly KeyVersionRecord[]): Promise<string[]> {
  const left = new Set<string>();
  for (const { keyId, versionId, material } of versions) {
    for (const where of await backend.forget(material, { place, keyId, versionId })) left.add(where);
  }
  return [...left];
}

/** Tells the key's store to drop what it holds of the material. The only lasting form is in the versions' records. */
async function destroy(
  ports: KeyDeletionPorts,
  read: Reader,
  place: Place,
  key: KeyRecord,
  versions: readonly KeyVersionRecord[],
): Promise<Destruction> {
  if (key.keyStoreId === undefined) {
    await forget(ports.backends.software, place, versions);
    return { Destruction: 'sealed material removed from the database' };
  }
  const store = await read.get(KEY_STORES, place, key.keyStoreId);
  if (store?.connection !== 'Connected') {
    return {
      HsmKeyDeleted: false,
      Destruction: `wrapped material removed from the database; the key store was ${store?.connection ?? 'gone'}, so no HSM was told`,
    };
  }
  const left = await forget(ports.backends.store(place, store), place, versions);
  const Destruction =
    left.length === 0
      ? 'wrapped material removed from the database; no HSM holds the key opened any more'
      : `wrapped material removed from the database; an HSM may hold the key opened until its process ends (${left.join(' ')})`;
  return { HsmKeyDeleted: left.length === 0, Destruction };
}

async function removeAll(tx: Transaction, place: Place, key: KeyRecord, versions: readonly KeyVersionRecord[]) {
  const aliases = await tx.list(ALIASES, place, { index: 'key', value: key.keyId });
  for (const { aliasName } of aliases) await tx.remove(ALIASES, place, aliasName);
  for (const { versionId } of versions) {
    await tx.remove(KEY_VERSIONS, place, versionId);
    await tx.removeCounter(messageCounter(versionId));
  }
  await tx.remove(KEYS, place, key.keyId);
  return aliases.map(({ aliasName }) => aliasName);
}

/**
 * Destroys a key when its waiting time has passed: the store drops the material, then key, versions and aliases go in
 * one transaction with the event `DeleteKey`. Does nothing when the deletion was cancelled or put off.
 */
export function createKeyDeletion(ports: KeyDeletionPorts): TaskHandler<KeyDeletion> {
  return {
    type: KEY_DELETION,
    run: async ({ place, read, clock }, order) => {
      const found = await read.get(KEYS, place, order.keyId);
      if (!deletionStands(found, order)) return { end: 'done' };
      const told = await destroy(ports, read, place, found, await versionsOf(read, place, order.keyId));
      return {
        end: 'done',
        commit: async (tx) => {
          const key = await tx.get(KEYS, place, order.keyId);
          if (!deletionStands(key, order)) return;
          const versions = await versionsOf(tx, place, order.keyId);
          const aliases = await removeAll(tx, place, key, versions);
          const event = {
            product: 'Kms',
            name: 'DeleteKey',
            place,
            at: clock.now(),
            service: 'kms.aliyuncs.com',
            resources: { 'ACS::KMS::Key': [key.keyId] },
            data: {
              KeyId: key.keyId,
              KeyVersionIds: versions.map(({ versionId }) => versionId),
              Aliases: aliases,
              ...(key.keyStoreId === undefined ? {} : { KeyStoreId: key.keyStoreId }),
              ...told,
            },
          } as const;
          await tx.audit(serviceEvent(event, ports.random));
        },
      };
    },
  };
}
