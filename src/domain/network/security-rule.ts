import { type Cidr, cidrHas, parseCidrOrAddress } from './cidr.ts';

export const RULE_PROTOCOLS = ['TCP', 'UDP', 'ICMP', 'GRE', 'ALL'] as const;
export type RuleProtocol = (typeof RULE_PROTOCOLS)[number];
export type Direction = 'ingress' | 'egress';

/**
 * One rule of a security group. The peer is the other end of the connection: the source of ingress, the destination of
 * egress. Exactly one of `peerCidr` and `peerGroupId` is set.
 */
export interface SecurityRule {
  readonly ruleId: string;
  readonly direction: Direction;
  readonly protocol: RuleProtocol;
  /** Destination ports `first/last`; `-1/-1` where the protocol has none. */
  readonly portRange: string;
  /** Source ports, likewise; undefined for any. */
  readonly sourcePortRange?: string;
  /** An address or a block of addresses. */
  readonly peerCidr?: string;
  /** A group; its members are meant. */
  readonly peerGroupId?: string;
  /** Narrows the rule to some addresses of this end; undefined for all. */
  readonly ownCidr?: string;
  /** 1 to 100; the smallest number is asked first. */
  readonly priority: number;
  readonly policy: 'accept' | 'drop';
  readonly description: string;
  readonly createdAt: number;
}

/** What makes a rule the same as another: all that decides, none of what describes. */
export function sameRule(
  a: Omit<SecurityRule, 'ruleId' | 'createdAt' | 'description'>,
  b: Omit<SecurityRule, 'ruleId' | 'createdAt' | 'description'>,
): boolean {
  return (
    a.direction === b.direction &&
    a.protocol === b.protocol &&
    a.portRange === b.portRange &&
    a.sourcePortRange === b.sourcePortRange &&
    a.peerCidr === b.peerCidr &&
    a.peerGroupId === b.peerGroupId &&
    a.ownCidr === b.ownCidr &&
    a.policy === b.policy &&
    a.priority === b.priority
  );
}

export interface PortRange {
  readonly first: number;
  readonly last: number;
}

const PORTS = /^(-1|\d{1,5})\/(-1|\d{1,5})$/;

/** Reads `first/last` (1 to 65535), or `-1/-1` for all; undefined when it is neither. */
export function parsePortRange(text: string): PortRange | 'all' | undefined {
  const match = PORTS.exec(text);
  if (match === null) return undefined;
  const [first, last] = [Number(match[1]), Number(match[2])];
  if (first === -1 && last === -1) return 'all';
  return first >= 1 && last <= 65_535 && first <= last ? { first, last } : undefined;
}

/** Whether the range suits the protocol: TCP and UDP have ports, the others must say `-1/-1`. */
export function portsFit(protocol: RuleProtocol, range: PortRange | 'all'): boolean {
  return protocol === 'TCP' || protocol === 'UDP' ? range !== 'all' : range === 'all';
}

function portsMatch(text: string | undefined, port: number): boolean {
  if (text === undefined) return true;
  const range = parsePortRange(text);
  return range === 'all' || (range !== undefined && port >= range.first && port <= range.last);
}

function addressMatches(cidr: string | undefined, address: number): boolean {
  if (cidr === undefined) return true;
  const block: Cidr | undefined = parseCidrOrAddress(cidr);
  return block !== undefined && cidrHas(block, address);
}

/** One end of a connection. */
export interface End {
  readonly address: number;
  readonly port: number;
  /** Security groups it belongs to. */
  readonly groups: readonly string[];
}

/** A new TCP or UDP connection. Answers to it need no rule: groups remember connections. */
export interface Connection {
  readonly protocol: 'TCP' | 'UDP';
  readonly source: End;
  readonly destination: End;
}

/** Whether the rule speaks about this connection. */
export function ruleMatches(rule: SecurityRule, connection: Connection): boolean {
  const { source, destination } = connection;
  const [own, peer] = rule.direction === 'ingress' ? [destination, source] : [source, destination];
  if (rule.protocol !== 'ALL' && rule.protocol !== connection.protocol) return false;
  if (!portsMatch(rule.portRange, destination.port) || !portsMatch(rule.sourcePortRange, source.port)) return false;
  if (!addressMatches(rule.ownCidr, own.address)) return false;
  return rule.peerCidr === undefined
    ? rule.peerGroupId !== undefined && peer.groups.includes(rule.peerGroupId)
    : addressMatches(rule.peerCidr, peer.address);
}
