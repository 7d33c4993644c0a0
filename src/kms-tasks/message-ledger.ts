import { messageCounter } from '../domain/kms/key.ts';
import { keyRotationTask } from '../domain/kms/key-rotation.ts';
import { MESSAGE_LIMITS, type MessageLedger, type MessageLimits } from '../domain/kms/message-limit.ts';
import type { Place, Storage } from '../domain/storage.ts';

/** What this node knows of one version. */
interface Account {
  /** The shared counter when it was last looked at. */
  known: number;
  /** Messages taken on this node since then. */
  taken: number;
  looking: Promise<void> | undefined;
}

interface LedgerLog {
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

export interface MessageLedgerOptions {
  readonly storage: Storage;
  readonly log: LedgerLog;
  readonly limits?: MessageLimits;
  /** How many versions are kept in memory; the least recently used goes first. Default 10,000. */
  readonly versions?: number;
}

/**
 * The {@link MessageLedger} of a node over the shared, durable counters. Between two looks at a counter a node takes at
 * most `strideMessages`; what other nodes take meanwhile is what the gap below 2^32 is for.
 */
export function createMessageLedger(options: MessageLedgerOptions): MessageLedger {
  const { storage, log, limits = MESSAGE_LIMITS, versions = 10_000 } = options;
  const accounts = new Map<string, Account>();

  const look = async (place: Place, keyId: string, versionId: string, account: Account): Promise<void> => {
    const taken = account.taken;
    const known = await storage.counter(messageCounter(versionId));
    // What was taken while looking may not be in the answer yet.
    account.taken -= taken;
    account.known = Math.max(known, account.known);
    if (known < limits.rotateAt) return;
    try {
      await storage.transaction(async (tx) => void (await tx.enqueue(keyRotationTask(place, { keyId, versionId }))));
    } catch (error) {
      log.error({ err: error, keyId, versionId }, 'a key version nears its message limit and could not be rotated');
    }
  };

  const accountOf = (versionId: string, stride: number): Account => {
    const account = accounts.get(versionId) ?? { known: 0, taken: stride, looking: undefined };
    accounts.delete(versionId);
    accounts.set(versionId, account);
    if (accounts.size > versions) accounts.delete(accounts.keys().next().value!);
    return account;
  };

  return {
    take: async (place, keyId, versionId) => {
      const account = accountOf(versionId, limits.strideMessages);
      if (account.taken >= limits.strideMessages) {
        account.looking ??= look(place, keyId, versionId, account).finally(() => {
          account.looking = undefined;
        });
        await account.looking;
      }
      if (account.known + account.taken >= limits.refuseAt) return false;
      account.taken += 1;
      return true;
    },
  };
}
