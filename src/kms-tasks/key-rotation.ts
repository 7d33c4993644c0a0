import { type Random, uuid } from '../core/random.ts';
import { lookup } from '../core/table.ts';
import { KEY_SPECS } from '../crypto/key-specs.ts';
import { type KeyBackend, type KeyBackends, StoreUnavailable } from '../domain/kms/backend.ts';
import { KEY_VERSIONS, KEYS, type KeyRecord } from '../domain/kms/key.ts';
import { KEY_ROTATION, type KeyRotation, rotationStands } from '../domain/kms/key-rotation.ts';
import { KEY_STORES } from '../domain/kms/key-store.ts';
import { serviceEvent } from '../domain/service-event.ts';
import type { Place, Reader } from '../domain/storage.ts';
import type { TaskHandler } from '../domain/tasks.ts';

export interface KeyRotationPorts {
  readonly backends: KeyBackends;
  readonly random: Random;
}

async function backendOf(ports: KeyRotationPorts, read: Reader, place: Place, key: KeyRecord): Promise<KeyBackend> {
  if (key.keyStoreId === undefined) return ports.backends.software;
  const store = await read.get(KEY_STORES, place, key.keyStoreId);
  if (store?.connection !== 'Connected') throw new StoreUnavailable(`${key.keyStoreId} is not connected`);
  return ports.backends.store(place, store);
}

/**
 * Gives a key a new primary version, because the old one nears its number of messages. Ciphertexts of the old version
 * still open. A store that is away makes the task run again later.
 */
export function createKeyRotation(ports: KeyRotationPorts): TaskHandler<KeyRotation> {
  return {
    type: KEY_ROTATION,
    run: async ({ place, read, clock }, order) => {
      const found = await read.get(KEYS, place, order.keyId);
      if (!rotationStands(found, order)) return { end: 'done' };
      const spec = lookup(KEY_SPECS, found.keySpec);
      if (spec === undefined) throw new Error(`key ${found.keyId} has the unknown spec ${found.keySpec}`);
      const versionId = uuid(ports.random);
      const backend = await backendOf(ports, read, place, found);
      const material = await backend.generate(spec.bits, { place, keyId: found.keyId, versionId });
      return {
        end: 'done',
        commit: async (tx) => {
          const key = await tx.get(KEYS, place, order.keyId);
          if (!rotationStands(key, order)) return;
          const createdAt = clock.now().getTime();
          await tx.insert(KEY_VERSIONS, place, { versionId, keyId: key.keyId, createdAt, material });
          await tx.update(KEYS, place, { ...key, primaryVersionId: versionId, lastRotatedAt: createdAt });
          const event = {
            product: 'Kms',
            name: 'RotateKey',
            place,
            at: clock.now(),
            service: 'kms.aliyuncs.com',
            resources: { 'ACS::KMS::Key': [key.keyId] },
            data: { KeyId: key.keyId, From: order.versionId, To: versionId, Reason: 'message limit of the version' },
          } as const;
          await tx.audit(serviceEvent(event, ports.random));
        },
      };
    },
  };
}
