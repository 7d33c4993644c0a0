import type { Place, Transaction } from '../storage.ts';
import { giveBackAddress } from './addresses.ts';
import {
  INTERFACE_PERMISSIONS,
  type InterfaceAttachment,
  NETWORK_INTERFACES,
  type NetworkInterfaceRecord,
} from './network-interface.ts';

/** Removes an interface with its address and the permissions on it. */
export async function removeInterface(tx: Transaction, place: Place, eni: NetworkInterfaceRecord): Promise<void> {
  const { networkInterfaceId } = eni;
  const permissions = await tx.list(INTERFACE_PERMISSIONS, place, { index: 'interface', value: networkInterfaceId });
  for (const permission of permissions) await tx.remove(INTERFACE_PERMISSIONS, place, permission.permissionId);
  await giveBackAddress(tx, place, eni.vpcId, eni.privateIp);
  await tx.remove(NETWORK_INTERFACES, place, networkInterfaceId);
}

/** The interface with this attachment, or with none. */
export function withAttachment(
  eni: NetworkInterfaceRecord,
  attachment: InterfaceAttachment | undefined,
): NetworkInterfaceRecord {
  const { attachment: _, ...rest } = eni;
  return attachment === undefined ? rest : { ...rest, attachment };
}
