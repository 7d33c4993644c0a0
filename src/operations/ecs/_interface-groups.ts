import { MAX_GROUPS_PER_INTERFACE } from '../../domain/network/network-interface.ts';
import { SECURITY_GROUPS, type SecurityGroupRecord } from '../../domain/network/security-group.ts';
import type { Place, Reader } from '../../domain/storage.ts';
import { fail } from '../../errors/fault.ts';
import type { ErrorCode } from '../../errors/table.ts';

export const GROUP_CHOICE_ERRORS = [
  'SecurityGroupInstanceLimitExceed',
  'InvalidSecurityGroupId.NotFound',
  'InvalidSecurityGroup.NotInSameVpc',
  'InvalidSecurityGroup.TypeMismatch',
] as const satisfies readonly ErrorCode[];

/** Makes sure that an interface of `vpcId` can be in these groups. Throws one of {@link GROUP_CHOICE_ERRORS}. */
export async function checkGroups(read: Reader, place: Place, vpcId: string, ids: readonly string[]): Promise<void> {
  if (ids.length > MAX_GROUPS_PER_INTERFACE) throw fail('SecurityGroupInstanceLimitExceed');
  const groups: SecurityGroupRecord[] = [];
  for (const id of ids) {
    const group = await read.get(SECURITY_GROUPS, place, id);
    if (group === undefined) throw fail('InvalidSecurityGroupId.NotFound');
    if (group.vpcId !== vpcId) throw fail('InvalidSecurityGroup.NotInSameVpc');
    groups.push(group);
  }
  if (new Set(groups.map((group) => group.type)).size > 1) throw fail('InvalidSecurityGroup.TypeMismatch');
}
