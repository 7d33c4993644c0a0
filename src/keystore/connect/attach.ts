import { KEY_STORE_SERVICE_ACCOUNT } from '../../domain/kms/key-store-role.ts';
import { AttachRefused } from '../../domain/network/fabric.ts';
import type { Attempt } from './attempt.ts';
import { ConnectFailure } from './failure.ts';
import type { PermittedInterface } from './interface-permissions.ts';

/** Step 13, in the name of KMS's own account: from here on the interfaces carry connections. */
export async function attach(attempt: Attempt, interfaces: readonly PermittedInterface[]): Promise<void> {
  for (const { networkInterfaceId } of interfaces) {
    try {
      await attempt.ports.fabric.attach(attempt.place, networkInterfaceId, KEY_STORE_SERVICE_ACCOUNT);
    } catch (cause) {
      if (!(cause instanceof AttachRefused)) throw cause;
      // `Pending` permissions and interfaces in between show up here too, so it is worth another try.
      throw new ConnectFailure('NetworkErrors', cause.message, { passing: true, cause });
    }
  }
}
