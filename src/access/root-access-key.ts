import type { Random } from '../core/random.ts';
import type { Secret } from '../core/secret.ts';
import { ACCESS_KEYS, accessKeyOwner } from '../domain/ram/access-key.ts';
import { ACCOUNTS, EVERY_ACCOUNT, ramPlace } from '../domain/ram/account.ts';
import { newAccessKey } from '../domain/ram/new-access-key.ts';
import type { Sealer } from '../domain/seal.ts';
import { serviceEvent } from '../domain/service-event.ts';
import type { Storage } from '../domain/storage.ts';

export interface RootAccessKeyParts {
  readonly storage: Storage;
  readonly sealer: Sealer;
  readonly random: Random;
  /** Service time. */
  readonly now: Date;
}

export interface ReplacedRootAccessKey {
  readonly accountId: string;
  readonly accessKeyId: string;
  readonly secret: Secret;
  /** Ids of the root user's earlier keys, which are gone. */
  readonly removed: readonly string[];
}

/**
 * Makes a new AccessKey of the root user in place of all it had, for an operator who has lost them or must take them
 * back. Undefined when the database has no account yet.
 */
export function replaceRootAccessKey(parts: RootAccessKeyParts): Promise<ReplacedRootAccessKey | undefined> {
  const { storage, sealer, random, now } = parts;
  return storage.transaction(async (tx) => {
    const [account] = await tx.list(ACCOUNTS, EVERY_ACCOUNT, { limit: 1 });
    if (account === undefined) return undefined;
    const { accountId } = account;
    const earlier = await tx.list(ACCESS_KEYS, EVERY_ACCOUNT, {
      index: 'owner',
      value: accessKeyOwner(accountId, undefined),
    });
    for (const key of earlier) await tx.remove(ACCESS_KEYS, EVERY_ACCOUNT, key.accessKeyId);
    const { record, secret } = newAccessKey({ account: accountId, userId: undefined, now }, random, sealer);
    await tx.insert(ACCESS_KEYS, EVERY_ACCOUNT, record);
    const removed = earlier.map((key) => key.accessKeyId);
    const deed = {
      product: 'Ram',
      name: 'RootAccessKeyReplaced',
      place: ramPlace(accountId),
      at: now,
      service: 'ram.aliyuncs.com',
      resources: { 'ACS::RAM::Account': [accountId] },
      data: { AccessKeyId: record.accessKeyId, RemovedAccessKeyIds: removed },
    } as const;
    await tx.audit(serviceEvent(deed, random));
    return { accountId, accessKeyId: record.accessKeyId, secret, removed };
  });
}
