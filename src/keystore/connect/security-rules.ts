import type { StoreMember } from '../../domain/kms/key-store.ts';
import type { Place } from '../../domain/storage.ts';
import type { ActingRole } from '../acting-role.ts';
import { AnswerReader } from '../wire-answer.ts';
import type { Attempt } from './attempt.ts';
import type { FoundVSwitch } from './find-vswitches.ts';

/** A rule as KMS writes it: accept TCP to the HSMs' management and client ports. */
export interface GroupRule {
  readonly direction: 'ingress' | 'egress';
  readonly portRange: string;
  readonly peer: string;
}

const INGRESS_PORTS = '2223/2225';
const EGRESS_PORTS = '2225/2225';

const ruleName = (rule: GroupRule): string => `${rule.direction} ${rule.portRange} ${rule.peer}`;

/** Rules the store needs: in from the vSwitches of the interfaces, out to the HSMs. */
export function neededRules(vSwitches: readonly FoundVSwitch[], members: readonly StoreMember[]): GroupRule[] {
  const rules = [
    ...vSwitches.map((one): GroupRule => ({ direction: 'ingress', portRange: INGRESS_PORTS, peer: one.cidrBlock })),
    ...members.map((one): GroupRule => ({ direction: 'egress', portRange: EGRESS_PORTS, peer: `${one.ip}/32` })),
  ];
  return [...new Map(rules.map((rule) => [ruleName(rule), rule])).values()];
}

/** The accepting TCP rules a group has that are of the form KMS writes. */
export async function viewRules(role: ActingRole, place: Place, securityGroupId: string): Promise<GroupRule[]> {
  const answer = await role.call('Ecs', 'DescribeSecurityGroupAttribute', {
    RegionId: place.region,
    SecurityGroupId: securityGroupId,
  });
  return new AnswerReader(answer, 'DescribeSecurityGroupAttribute').list('Permissions').flatMap((one): GroupRule[] => {
    const direction = one.optionalText('Direction');
    const peer = one.optionalText(direction === 'egress' ? 'DestCidrIp' : 'SourceCidrIp');
    const accepts = one.optionalText('IpProtocol') === 'TCP' && one.optionalText('Policy')?.toLowerCase() === 'accept';
    if ((direction !== 'egress' && direction !== 'ingress') || peer === undefined || peer === '' || !accepts) return [];
    return [{ direction, portRange: one.text('PortRange'), peer }];
  });
}

/** The parameters of a call about one rule, the same to authorise and to revoke. */
export function ruleParameters(place: Place, securityGroupId: string, rule: GroupRule): Record<string, string> {
  return {
    RegionId: place.region,
    SecurityGroupId: securityGroupId,
    'Permissions.1.IpProtocol': 'TCP',
    'Permissions.1.PortRange': rule.portRange,
    'Permissions.1.Policy': 'accept',
    [rule.direction === 'egress' ? 'Permissions.1.DestCidrIp' : 'Permissions.1.SourceCidrIp']: rule.peer,
  };
}

/** Steps 8 and 9: the group has the rules the store needs; those it has already are left alone. */
export async function securityRules(
  attempt: Attempt,
  role: ActingRole,
  securityGroupId: string,
  needed: readonly GroupRule[],
): Promise<void> {
  const known = new Set((await viewRules(role, attempt.place, securityGroupId)).map(ruleName));
  for (const rule of needed) {
    if (known.has(ruleName(rule))) continue;
    const operation = rule.direction === 'egress' ? 'AuthorizeSecurityGroupEgress' : 'AuthorizeSecurityGroup';
    await role.call('Ecs', operation, ruleParameters(attempt.place, securityGroupId, rule));
  }
}
