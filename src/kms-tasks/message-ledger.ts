import { Generations } from '../core/generations.ts';
import { messageCounter } from '../domain/kms/key.ts';
import { keyRotationTask } from '../domain/kms/key-rotation.ts';
import { MESSAGE_LIMITS, type MessageLedger, type MessageLimits } from '../domain/kms/message-limit.ts';
import type { Place, Storage } from '../domain/storage.ts';

interface LedgerLog {
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

export interface MessageLedgerOptions {
  readonly storage: Storage;
  readonly log: LedgerLog;
  /** Default: {@link MESSAGE_LIMITS}. */
  readonly limits?: MessageLimits;
}

const REMEMBERED = 1000;

/** The {@link MessageLedger} over the durable counters, which the storage keeps in memory. */
export function createMessageLedger(options: MessageLedgerOptions): MessageLedger {
  const { storage, log, limits = MESSAGE_LIMITS } = options;
  /** Version to the count at which its rotation was last ordered. */
  const ordered = new Generations<number>(REMEMBERED);

  const orderRotation = async (place: Place, keyId: string, versionId: string, count: number): Promise<void> => {
    const last = ordered.get(versionId);
    if (last !== undefined && count - last < limits.askAgainAfter) return;
    ordered.set(versionId, count);
    try {
      await storage.transaction(async (tx) => {
        await tx.enqueue(keyRotationTask(place, { keyId, versionId }));
      });
    } catch (error) {
      ordered.delete(versionId);
      // The call at hand may go on: there are two thousand million messages left to order it again.
      log.error({ err: error, keyId, versionId }, 'a key version nears its message limit and could not be rotated');
    }
  };

  return {
    admits: async (place, keyId, versionId) => {
      const count = await storage.counter(messageCounter(versionId));
      if (count >= limits.rotateAt) await orderRotation(place, keyId, versionId, count);
      return count < limits.refuseAt;
    },
  };
}
