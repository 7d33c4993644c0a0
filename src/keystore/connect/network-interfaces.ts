import type { ActingRole } from '../acting-role.ts';
import { AnswerReader } from '../wire-answer.ts';
import { type Attempt, partName } from './attempt.ts';
import { ConnectFailure } from './failure.ts';
import { type FoundInterface, type StartingParts, viewInterfaces } from './find-parts.ts';
import type { FoundVSwitch } from './find-vswitches.ts';

const READY = ['Available', 'InUse'];

/** Steps 10 and 11: one interface in each vSwitch, those of earlier attempts included, all fit to be attached. */
export async function networkInterfaces(
  attempt: Attempt,
  role: ActingRole,
  securityGroupId: string,
  vSwitches: readonly FoundVSwitch[],
  parts: StartingParts,
): Promise<readonly FoundInterface[]> {
  const { place, store } = attempt;
  const ids: string[] = [];
  for (const { vSwitchId } of vSwitches) {
    const found = parts.interfaces.find((one) => one.vSwitchId === vSwitchId);
    if (found !== undefined) {
      ids.push(found.networkInterfaceId);
      continue;
    }
    const answer = await role.call('Ecs', 'CreateNetworkInterface', {
      RegionId: place.region,
      VSwitchId: vSwitchId,
      SecurityGroupId: securityGroupId,
      NetworkInterfaceName: partName(store.keyStoreId),
      Description: `Made by KMS for key store ${store.keyStoreId}`,
      DeleteOnRelease: 'false',
    });
    ids.push(new AnswerReader(answer, 'CreateNetworkInterface').text('NetworkInterfaceId'));
  }
  const filter = Object.fromEntries(ids.map((id, at) => [`NetworkInterfaceId.${at + 1}`, id]));
  const found = await viewInterfaces(role, place, filter);
  for (const id of ids) {
    const status = found.find((one) => one.networkInterfaceId === id)?.status ?? 'missing';
    if (!READY.includes(status)) {
      throw new ConnectFailure('InternalError', `Network interface ${id} is ${status}.`, { passing: true });
    }
  }
  return found;
}
