import { numericId } from '../core/ids.ts';
import type { Random } from '../core/random.ts';
import type { Secret } from '../core/secret.ts';
import { ACCESS_KEYS } from '../domain/ram/access-key.ts';
import { ACCOUNTS, EVERY_ACCOUNT, ramPlace } from '../domain/ram/account.ts';
import { newAccessKey } from '../domain/ram/new-access-key.ts';
import type { Sealer } from '../domain/seal.ts';
import { serviceEvent } from '../domain/service-event.ts';
import type { Storage, Transaction } from '../domain/storage.ts';

export interface BootstrapParts {
  readonly storage: Storage;
  readonly sealer: Sealer;
  readonly random: Random;
  /** Service time. */
  readonly now: Date;
  /** 16 digits; default: drawn at random. */
  readonly accountId?: string;
}

export interface Bootstrapped {
  readonly accountId: string;
  /** The root user's first AccessKey; only from the start that made the account, and never again. */
  readonly rootKey?: { readonly accessKeyId: string; readonly secret: Secret };
}

async function firstAccount(tx: Transaction): Promise<string | undefined> {
  const [account] = await tx.list(ACCOUNTS, EVERY_ACCOUNT, { limit: 1 });
  return account?.accountId;
}

/**
 * Makes the account and its root user's AccessKey when the database has none, in one transaction with the event that
 * tells of it; otherwise only says which account there is. Two nodes that start at once make one account.
 */
export function bootstrap(parts: BootstrapParts): Promise<Bootstrapped> {
  const { storage, sealer, random, now } = parts;
  return storage.transaction(async (tx) => {
    const existing = await firstAccount(tx);
    if (existing !== undefined) return { accountId: existing };
    const accountId = parts.accountId ?? numericId('1', 16, random);
    if (!/^\d{16}$/.test(accountId)) throw new RangeError(`an account id has 16 digits: ${accountId}`);
    const { record, secret } = newAccessKey({ account: accountId, userId: undefined, now }, random, sealer);
    await tx.insert(ACCOUNTS, EVERY_ACCOUNT, { accountId, createdAt: now.getTime() });
    await tx.insert(ACCESS_KEYS, EVERY_ACCOUNT, record);
    const event = {
      product: 'Ram',
      name: 'AccountCreated',
      place: ramPlace(accountId),
      at: now,
      service: 'ram.aliyuncs.com',
      resources: { 'ACS::RAM::Account': [accountId] },
      data: { AccountId: accountId, AccessKeyId: record.accessKeyId },
    } as const;
    await tx.audit(serviceEvent(event, random));
    return { accountId, rootKey: { accessKeyId: record.accessKeyId, secret } };
  });
}
