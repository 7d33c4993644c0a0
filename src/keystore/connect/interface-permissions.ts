import { KEY_STORE_SERVICE_ACCOUNT } from '../../domain/kms/key-store-role.ts';
import type { ActingRole } from '../acting-role.ts';
import { AnswerReader } from '../wire-answer.ts';
import type { Attempt } from './attempt.ts';
import { ConnectFailure } from './failure.ts';
import type { FoundInterface } from './find-parts.ts';

/** An interface that KMS's own account may attach. */
export interface PermittedInterface extends FoundInterface {
  readonly permissionId: string;
}

/** Lets KMS's own account attach the interface; one let in already is told with its permission's id. */
export async function permit(attempt: Pick<Attempt, 'place'>, role: ActingRole, id: string): Promise<string> {
  const answer = new AnswerReader(
    await role.call('Ecs', 'CreateNetworkInterfacePermission', {
      RegionId: attempt.place.region,
      NetworkInterfaceId: id,
      AccountId: KEY_STORE_SERVICE_ACCOUNT,
      Permission: 'InstanceAttach',
    }),
    'CreateNetworkInterfacePermission',
  ).struct('NetworkInterfacePermission');
  const state = answer.optionalText('PermissionState') ?? 'Granted';
  if (state !== 'Granted' && state !== 'Pending') {
    throw new ConnectFailure('InternalError', `The permission on network interface ${id} is ${state}.`);
  }
  return answer.text('NetworkInterfacePermissionId');
}

/** Step 12. */
export async function interfacePermissions(
  attempt: Attempt,
  role: ActingRole,
  interfaces: readonly FoundInterface[],
): Promise<readonly PermittedInterface[]> {
  const permitted: PermittedInterface[] = [];
  for (const one of interfaces) {
    permitted.push({ ...one, permissionId: await permit(attempt, role, one.networkInterfaceId) });
  }
  return permitted;
}
