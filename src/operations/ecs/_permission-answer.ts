import type { InterfacePermission } from '../../domain/network/network-interface.ts';
import { out } from '../../schema/output.ts';

/** What answers say of a permission on an interface. */
export const permissionMembers = {
  NetworkInterfacePermissionId: out.text('Id of the permission.'),
  NetworkInterfaceId: out.text('The interface.'),
  AccountId: out.integer('The account that is let in.'),
  Permission: out.text('`InstanceAttach`.'),
  PermissionState: out.text('Always `Granted`: permissions hold from the moment they are made.'),
  ServiceName: out.text('Always empty.'),
};

export function permissionAnswer(permission: InterfacePermission) {
  return {
    NetworkInterfacePermissionId: permission.permissionId,
    NetworkInterfaceId: permission.networkInterfaceId,
    AccountId: Number(permission.accountId),
    Permission: permission.permission,
    PermissionState: 'Granted',
    ServiceName: '',
  };
}
