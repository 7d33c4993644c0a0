import type { KeyStoreRecord, StoreNetwork } from '../../domain/kms/key-store.ts';
import { actAsRole } from '../acting-role.ts';
import { attach } from './attach.ts';
import type { Attempt } from './attempt.ts';
import { failureAt } from './failure.ts';
import { findCluster } from './find-cluster.ts';
import { findMembers } from './find-members.ts';
import { findParts } from './find-parts.ts';
import { findVpc } from './find-vpc.ts';
import { findVSwitches } from './find-vswitches.ts';
import { interfacePermissions } from './interface-permissions.ts';
import { networkInterfaces } from './network-interfaces.ts';
import { reachMembers } from './reach-members.ts';
import { securityGroup } from './security-group.ts';
import { neededRules, securityRules } from './security-rules.ts';
import type { ConnectStep } from './steps.ts';

/** What a connected store's record gains. */
export type Connected = Required<Pick<KeyStoreRecord, 'network' | 'members' | 'leftOver'>>;

/**
 * Connects a store: the steps of hsm-clusters 15.2, in this order. Every step may be repeated and finds what an earlier,
 * perhaps crashed, attempt has made. `before` runs in front of each step and throws when the attempt no longer counts.
 * Throws `ConnectFailure` or `Superseded`, leaving behind what was made so far.
 */
export async function connect(attempt: Attempt, before: (step: ConnectStep) => Promise<void>): Promise<Connected> {
  const step = async <T>(name: ConnectStep, work: () => Promise<T>): Promise<T> => {
    try {
      await before(name);
      return await work();
    } catch (error) {
      throw failureAt(name, error);
    }
  };
  const { place, store } = attempt;
  const role = await step('AssumeRole', () => actAsRole(attempt.ports.services, place));
  const cluster = await step('FindCluster', () => findCluster(attempt, role));
  const members = await step('FindMembers', () => findMembers(attempt, role, cluster));
  await step('FindVpc', () => findVpc(attempt, role, cluster));
  const vSwitches = await step('FindVSwitches', () => findVSwitches(attempt, role, cluster));
  const parts = await step('FindParts', () => findParts(attempt, role, cluster, vSwitches));
  const securityGroupId = await step('SecurityGroup', () => securityGroup(attempt, role, cluster, parts));
  const rules = neededRules(vSwitches, members);
  await step('SecurityRules', () => securityRules(attempt, role, securityGroupId, rules));
  const interfaces = await step('NetworkInterfaces', () =>
    networkInterfaces(attempt, role, securityGroupId, vSwitches, parts),
  );
  const permitted = await step('InterfacePermissions', () => interfacePermissions(attempt, role, interfaces));
  await step('Attach', () => attach(attempt, permitted));
  const network: StoreNetwork = {
    vpcId: cluster.vpcId,
    vSwitchIds: vSwitches.map((one) => one.vSwitchId),
    zoneIds: vSwitches.map((one) => one.zoneId),
    securityGroupId,
    interfaces: permitted.map(({ networkInterfaceId, vSwitchId, privateIp, permissionId }) => ({
      networkInterfaceId,
      vSwitchId,
      privateIp,
      permissionId,
    })),
  };
  const reached = await step('ReachMembers', () => reachMembers(attempt, { ...store, network }, members));
  return { network, members: reached, leftOver: parts.unused };
}
