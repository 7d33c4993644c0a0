import type { Collection } from '../storage.ts';
import type { ResourceTag } from './resource-tag.ts';
import { type Connection, type Direction, ruleMatches, type SecurityRule } from './security-rule.ts';

/** `normal`: all egress is let out unless a rule drops it. `enterprise`: nothing is, unless a rule accepts it. */
export type SecurityGroupType = 'normal' | 'enterprise';

/** A set of rules for the interfaces that belong to it. */
export interface SecurityGroupRecord {
  readonly securityGroupId: string;
  readonly vpcId: string;
  readonly name: string;
  readonly description: string;
  readonly type: SecurityGroupType;
  readonly createdAt: number;
  readonly tags: readonly ResourceTag[];
  /** In the order of their making; at most {@link MAX_RULES}. */
  readonly rules: readonly SecurityRule[];
}

/** The vendor's limit of rules in a group. */
export const MAX_RULES = 200;

export const SECURITY_GROUPS: Collection<SecurityGroupRecord> = {
  kind: 'network.security-group',
  group: 'network',
  schema: 1,
  id: (group) => group.securityGroupId,
  indexes: {
    vpc: (group) => group.vpcId,
    /** Other groups that its rules name. */
    peer: (group) => [
      ...new Set(
        group.rules.flatMap((rule) =>
          rule.peerGroupId === undefined || rule.peerGroupId === group.securityGroupId ? [] : [rule.peerGroupId],
        ),
      ),
    ],
  },
};

/**
 * What an interface's groups say to a new connection in one direction. The rules of all groups are asked together: the
 * smallest priority number first, and `drop` before `accept` where the number is the same. Where no rule speaks:
 * ingress is dropped, egress is accepted unless one of the groups is an enterprise group. Without any group, all is
 * dropped.
 */
export function judge(
  groups: readonly SecurityGroupRecord[],
  direction: Direction,
  connection: Connection,
): 'accept' | 'drop' {
  let best: SecurityRule | undefined;
  for (const group of groups) {
    for (const rule of group.rules) {
      if (rule.direction !== direction || !ruleMatches(rule, connection)) continue;
      const before =
        best === undefined ||
        rule.priority < best.priority ||
        (rule.priority === best.priority && rule.policy === 'drop');
      if (before) best = rule;
    }
  }
  if (best !== undefined) return best.policy;
  const open = direction === 'egress' && groups.length > 0 && groups.every((group) => group.type === 'normal');
  return open ? 'accept' : 'drop';
}
