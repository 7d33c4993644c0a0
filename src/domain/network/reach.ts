import { cidrHas, parseCidrOrAddress } from './cidr.ts';
import { parseIpv4 } from './ipv4.ts';
import type { NetworkInterfaceRecord } from './network-interface.ts';
import { judge, type SecurityGroupRecord } from './security-group.ts';
import type { Connection } from './security-rule.ts';

/** The only port an HSM listens on for clients. */
export const HSM_PORT = 2225;

/** Where clients' own ports begin; rules that name source ports are judged by it. */
const CLIENT_PORT = 49_152;

/** Why no connection comes about. */
export type Unreachable =
  /** There is no such interface in the account and region. */
  | 'NoInterface'
  /** The interface is attached to nothing that could open a connection. */
  | 'InterfaceNotAttached'
  /** No HSM has this address in the interface's VPC. */
  | 'NoHsm'
  /** The HSM is paused, being reset, or out of service. */
  | 'HsmNotActive'
  /** The interface's groups do not let the connection out. */
  | 'EgressDenied'
  /** The interface's groups do not let the connection into the HSM's end. */
  | 'IngressDenied'
  /** The HSM's (or its cluster's) whitelist lacks the interface's address. */
  | 'WhitelistDenied'
  /** Nothing listens on this port. */
  | 'PortClosed';

export type Reach = { readonly ok: true } | { readonly ok: false; readonly reason: Unreachable };

/** All that decides whether an interface reaches an HSM. */
export interface Route {
  readonly interface: NetworkInterfaceRecord | undefined;
  /** The interface's groups. */
  readonly groups: readonly SecurityGroupRecord[];
  /** The HSM that holds the address in the interface's VPC. */
  readonly hsm: { readonly active: boolean; readonly whitelist: readonly string[] } | undefined;
  readonly ip: string;
  readonly port: number;
}

/** Whether one of the addresses or blocks holds the address. An empty list lets nobody in. */
export function whitelisted(whitelist: readonly string[], address: number): boolean {
  return whitelist.some((entry) => {
    const block = parseCidrOrAddress(entry);
    return block !== undefined && cidrHas(block, address);
  });
}

/**
 * Whether a TCP connection from the interface to the HSM comes about. An HSM has no interface in the customer's
 * account, so the groups of the interface that reaches it guard both ends, as in the arrangement of AWS CloudHSM
 * where clients and HSMs share one group: they must let the connection out (egress, destination HSM) and in (ingress,
 * source interface). What is asked first is told first; the order is that of the way.
 */
export function reachable(route: Route): Reach {
  const no = (reason: Unreachable): Reach => ({ ok: false, reason });
  const { interface: eni, groups, hsm } = route;
  if (eni === undefined) return no('NoInterface');
  if (eni.attachment === undefined) return no('InterfaceNotAttached');
  const [from, to] = [parseIpv4(eni.privateIp), parseIpv4(route.ip)];
  if (from === undefined || to === undefined) return no('NoHsm');
  const ids = groups.map((group) => group.securityGroupId);
  const connection: Connection = {
    protocol: 'TCP',
    source: { address: from, port: CLIENT_PORT, groups: ids },
    destination: { address: to, port: route.port, groups: ids },
  };
  if (judge(groups, 'egress', connection) === 'drop') return no('EgressDenied');
  if (hsm === undefined) return no('NoHsm');
  if (judge(groups, 'ingress', connection) === 'drop') return no('IngressDenied');
  if (!whitelisted(hsm.whitelist, from)) return no('WhitelistDenied');
  if (!hsm.active) return no('HsmNotActive');
  return route.port === HSM_PORT ? { ok: true } : no('PortClosed');
}
