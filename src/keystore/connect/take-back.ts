import type { KeyStoreRecord } from '../../domain/kms/key-store.ts';
import { KEY_STORE_SERVICE_ACCOUNT } from '../../domain/kms/key-store-role.ts';
import { Fault } from '../../errors/fault.ts';
import { type ActingRole, actAsRole, RoleMissing } from '../acting-role.ts';
import type { Attempt, ConnectPorts } from './attempt.ts';
import { type FoundInterface, viewParts } from './find-parts.ts';
import { permit } from './interface-permissions.ts';
import { ruleParameters, viewRules } from './security-rules.ts';

/** What taking back may use. */
export type TakeBackPorts = Pick<ConnectPorts, 'services' | 'fabric'>;

interface Removal extends Pick<Attempt, 'place' | 'store'> {
  readonly ports: TakeBackPorts;
  /** Runs before each removal and throws when the parts are no longer to be taken back. */
  readonly before: () => Promise<void>;
  /** The permissions on the interfaces were taken back before: at deletion, as the disconnect has done it. */
  readonly permissionsGone?: boolean;
}

/** The part is gone already, which is what was wanted. */
const GONE = /NotFound$/;

/**
 * Whether a removal happened: false when it is refused (the role may not), or when something still hangs on the part.
 * Anything that may pass by itself is thrown, to be tried again.
 */
async function removed(removal: () => Promise<unknown>): Promise<boolean> {
  try {
    await removal();
    return true;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    if (GONE.test(error.code)) return true;
    if (error.status === 403 || error.code === 'DependencyViolation') return false;
    throw error;
  }
}

/** Ids a record knows of, for when nothing can be looked up. */
export function knownParts(store: KeyStoreRecord): string[] {
  const { network } = store;
  const current = network?.interfaces.map((one) => one.networkInterfaceId) ?? [];
  const group = network?.securityGroupId === undefined ? [] : [network.securityGroupId];
  return [...new Set([...store.leftOver, ...current, ...group])].sort();
}

async function takeInterface(removal: Removal, role: ActingRole, one: FoundInterface): Promise<boolean> {
  const { place, store, ports } = removal;
  const id = one.networkInterfaceId;
  await ports.fabric.detach(place, id, KEY_STORE_SERVICE_ACCOUNT);
  const RegionId = place.region;
  if (removal.permissionsGone !== true) {
    // After a crash nobody remembers the permission's id, and the role may not list permissions: asking for it again
    // tells the one there is.
    const known = store.network?.interfaces.find((kept) => kept.networkInterfaceId === id)?.permissionId;
    const permissionId = known ?? (await permit(removal, role, id));
    const parameters = { RegionId, NetworkInterfacePermissionId: permissionId, Force: 'true' };
    await removed(() => role.call('Ecs', 'DeleteNetworkInterfacePermission', parameters));
  }
  return removed(() => role.call('Ecs', 'DeleteNetworkInterface', { RegionId, NetworkInterfaceId: id }));
}

async function takeGroup(removal: Removal, role: ActingRole, securityGroupId: string): Promise<boolean> {
  const { place } = removal;
  for (const rule of await viewRules(role, place, securityGroupId)) {
    const operation = rule.direction === 'egress' ? 'RevokeSecurityGroupEgress' : 'RevokeSecurityGroup';
    await removed(() => role.call('Ecs', operation, ruleParameters(place, securityGroupId, rule)));
  }
  return removed(() =>
    role.call('Ecs', 'DeleteSecurityGroup', { RegionId: place.region, SecurityGroupId: securityGroupId }),
  );
}

/**
 * Takes back what KMS made in the account's network for a store: hsm-clusters 15.3, in that order, finding the parts by
 * the store's name. Returns the ids of what stays: the role's policy lets KMS make interfaces but not delete them, and a
 * group with an interface in it stays too. Without the role nothing can be done, and all that is known stays. Throws
 * what may pass by itself.
 */
export async function takeBack(removal: Removal): Promise<readonly string[]> {
  const { place, store, ports, before } = removal;
  for (const { networkInterfaceId } of store.network?.interfaces ?? []) {
    await before();
    await ports.fabric.detach(place, networkInterfaceId, KEY_STORE_SERVICE_ACCOUNT);
  }
  try {
    const role = await actAsRole(ports.services, place);
    const parts = await viewParts(role, place, store.keyStoreId);
    const left: string[] = [];
    for (const one of parts.interfaces) {
      await before();
      if (!(await takeInterface(removal, role, one))) left.push(one.networkInterfaceId);
    }
    for (const { securityGroupId } of parts.groups) {
      await before();
      if (!(await takeGroup(removal, role, securityGroupId))) left.push(securityGroupId);
    }
    return left;
  } catch (error) {
    if (error instanceof RoleMissing || (error instanceof Fault && error.status === 403)) return knownParts(store);
    throw error;
  }
}
