import { parseCidrOrAddress } from '../../domain/network/cidr.ts';
import {
  type Direction,
  parsePortRange,
  portsFit,
  RULE_PROTOCOLS,
  type SecurityRule,
} from '../../domain/network/security-rule.ts';
import { fail } from '../../errors/fault.ts';
import type { ErrorCode } from '../../errors/table.ts';
import { text } from '../../schema/fields.ts';
import { structList } from '../../schema/list-fields.ts';
import { notOffered } from '../../schema/not-offered.ts';

/** Members of a rule in either direction. */
const common = {
  IpProtocol: text({ doc: '`TCP`, `UDP`, `ICMP`, `GRE` or `ALL`, in any case.', max: 16 }),
  PortRange: text({ doc: 'Destination ports, `first/last`; `-1/-1` for ICMP, GRE and ALL.', max: 16 }),
  SourcePortRange: text({ doc: 'Source ports, likewise; any when left out.', max: 16 }),
  Policy: text({ doc: '`accept` (default) or `drop`.', max: 16 }),
  Priority: text({ doc: '1 (default, asked first) to 100.', max: 8 }),
  SourceCidrIp: text({ doc: 'Source address or block.', max: 18 }),
  DestCidrIp: text({ doc: 'Destination address or block.', max: 18 }),
  Description: text({ doc: 'Free text.', max: 512 }),
  NicType: text({ doc: 'Without effect: in a VPC there is `intranet` only.', max: 16 }),
  Ipv6SourceCidrIp: notOffered(),
  Ipv6DestCidrIp: notOffered(),
};

const sources = {
  SourceGroupId: text({ doc: 'Source group; ignored when SourceCidrIp is given.', max: 64 }),
  SourceGroupOwnerAccount: notOffered(),
  SourceGroupOwnerId: notOffered('Long'),
  SourcePrefixListId: notOffered(),
};

const destinations = {
  DestGroupId: text({ doc: 'Destination group; ignored when DestCidrIp is given.', max: 64 }),
  DestGroupOwnerAccount: notOffered(),
  DestGroupOwnerId: notOffered('Long'),
  DestPrefixListId: notOffered(),
};

const ingressMembers = { ...common, ...sources };
const egressMembers = { ...common, ...destinations };

const LIST = { doc: 'The rules; at most 100 in a call.', maxItems: 100 } as const;

/** `Permissions.N.…`, and the same members without prefix for a single rule, as older clients write it. */
export const ingressRules = {
  Permissions: structList({ ...ingressMembers, PortRangeListId: notOffered() }, LIST),
  ...ingressMembers,
};
export const egressRules = {
  Permissions: structList({ ...egressMembers, PortRangeListId: notOffered() }, LIST),
  ...egressMembers,
};

/** What a rule is made from, whatever its direction. */
interface SentRule {
  readonly IpProtocol: string | undefined;
  readonly PortRange: string | undefined;
  readonly SourcePortRange: string | undefined;
  readonly Policy: string | undefined;
  readonly Priority: string | undefined;
  readonly SourceCidrIp: string | undefined;
  readonly DestCidrIp: string | undefined;
  readonly Description: string | undefined;
  readonly SourceGroupId?: string | undefined;
  readonly DestGroupId?: string | undefined;
}

export interface SentRules extends SentRule {
  readonly Permissions: readonly SentRule[] | undefined;
}

/** A rule as sent, before it has an id. */
export type RuleWish = Omit<SecurityRule, 'ruleId' | 'createdAt'>;

export const RULE_ERRORS = [
  'MissingPermissions',
  'MissingParameter.Source',
  'MissingParameter.Dest',
  'InvalidIpProtocol.Malformed',
  'InvalidIpPortRange.Malformed',
  'InvalidPolicy.Malformed',
  'InvalidPriority.ValueNotSupported',
  'InvalidSourceCidrIp.Malformed',
  'InvalidDestCidrIp.Malformed',
] as const satisfies readonly ErrorCode[];

/** The rules a call carries; undefined when it carries none. */
export function sentRules(input: SentRules): readonly SentRule[] | undefined {
  if (input.Permissions !== undefined) return input.Permissions;
  return input.IpProtocol === undefined && input.PortRange === undefined ? undefined : [input];
}

function cidr(value: string | undefined, code: 'InvalidSourceCidrIp.Malformed' | 'InvalidDestCidrIp.Malformed') {
  if (value !== undefined && parseCidrOrAddress(value) === undefined) throw fail(code);
  return value;
}

function ports(value: string | undefined, protocol: SecurityRule['protocol']): string {
  const range = value === undefined ? undefined : parsePortRange(value);
  if (value === undefined || range === undefined || !portsFit(protocol, range)) {
    throw fail('InvalidIpPortRange.Malformed');
  }
  return value;
}

/** Reads one rule. Throws one of {@link RULE_ERRORS}. */
export function readRule(sent: SentRule, direction: Direction): RuleWish {
  const protocol = RULE_PROTOCOLS.find((name) => name === sent.IpProtocol?.toUpperCase());
  if (protocol === undefined) throw fail('InvalidIpProtocol.Malformed');
  const portRange = ports(sent.PortRange, protocol);
  const policy = (sent.Policy ?? 'accept').toLowerCase();
  if (policy !== 'accept' && policy !== 'drop') throw fail('InvalidPolicy.Malformed');
  const priority = /^\d{1,3}$/.test(sent.Priority ?? '1') ? Number(sent.Priority ?? '1') : 0;
  if (priority < 1 || priority > 100) throw fail('InvalidPriority.ValueNotSupported');
  const source = cidr(sent.SourceCidrIp, 'InvalidSourceCidrIp.Malformed');
  const destination = cidr(sent.DestCidrIp, 'InvalidDestCidrIp.Malformed');
  const [peer, own, group] =
    direction === 'ingress' ? [source, destination, sent.SourceGroupId] : [destination, source, sent.DestGroupId];
  if (peer === undefined && group === undefined) {
    throw fail(direction === 'ingress' ? 'MissingParameter.Source' : 'MissingParameter.Dest');
  }
  return {
    direction,
    protocol,
    portRange,
    policy,
    priority,
    description: sent.Description ?? '',
    ...(sent.SourcePortRange === undefined ? {} : { sourcePortRange: ports(sent.SourcePortRange, protocol) }),
    ...(peer === undefined ? { peerGroupId: group! } : { peerCidr: peer }),
    ...(own === undefined ? {} : { ownCidr: own }),
  };
}
