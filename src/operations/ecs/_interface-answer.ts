import { isoSeconds } from '../../core/time.ts';
import { interfaceStatus, type NetworkInterfaceRecord } from '../../domain/network/network-interface.ts';
import type { LookupContext } from '../../operation/context.ts';
import { out } from '../../schema/output.ts';

/** What answers say of any network interface. */
export const interfaceMembers = {
  NetworkInterfaceId: out.text('Id of the interface.'),
  NetworkInterfaceName: out.text('Its name.'),
  Description: out.text('Free text.'),
  Status: out.text('`Available`, or `InUse` while it is attached.'),
  Type: out.text('Always `Secondary`.'),
  VpcId: out.text('Its VPC.'),
  VSwitchId: out.text('Its vSwitch.'),
  ZoneId: out.text('Its zone.'),
  PrivateIpAddress: out.text('Its address.'),
  PrivateIpSets: out.list('Its address again, as a list.', 'PrivateIpSet', {
    PrivateIpAddress: out.text('The address.'),
    Primary: out.flag('Always true.'),
  }),
  MacAddress: out.text('Its hardware address.'),
  SecurityGroupIds: out.textList('Its security groups.', 'SecurityGroupId'),
  OwnerId: out.text('Account that owns it.'),
  ResourceGroupId: out.text('Always empty.'),
  ServiceManaged: out.flag('Always false.'),
  ServiceID: out.integer('Always 0.'),
  SourceDestCheck: out.flag('Always false.'),
  Tags: out.list('Its labels.', 'Tag', {
    TagKey: out.text('Name of the label.'),
    TagValue: out.text('Its value.'),
  }),
};

export function interfaceAnswer(ctx: LookupContext, eni: NetworkInterfaceRecord) {
  return {
    NetworkInterfaceId: eni.networkInterfaceId,
    NetworkInterfaceName: eni.name,
    Description: eni.description,
    Status: interfaceStatus(eni),
    Type: 'Secondary',
    VpcId: eni.vpcId,
    VSwitchId: eni.vSwitchId,
    ZoneId: eni.zoneId,
    PrivateIpAddress: eni.privateIp,
    PrivateIpSets: [{ PrivateIpAddress: eni.privateIp, Primary: true }],
    MacAddress: eni.mac,
    SecurityGroupIds: eni.securityGroupIds,
    OwnerId: ctx.account,
    ResourceGroupId: '',
    ServiceManaged: false,
    ServiceID: 0,
    SourceDestCheck: false,
    Tags: eni.tags.map((tag) => ({ TagKey: tag.key, TagValue: tag.value })),
  };
}

/** What only lists say. */
export const listedInterfaceMembers = {
  ...interfaceMembers,
  CreationTime: out.text('When it was made.'),
  DeleteOnRelease: out.flag('As it was made.'),
  InstanceId: out.text('The instance it is attached to, or empty.'),
  NetworkInterfaceTrafficMode: out.text('Always `Standard`.'),
  QueueNumber: out.integer('Always 1.'),
  Attachment: out.object('What it is attached to.', { InstanceId: out.text('The instance, or empty.') }),
};

export function listedInterfaceAnswer(ctx: LookupContext, eni: NetworkInterfaceRecord) {
  const InstanceId = eni.attachment?.instanceId ?? '';
  return {
    ...interfaceAnswer(ctx, eni),
    CreationTime: isoSeconds(new Date(eni.createdAt)),
    DeleteOnRelease: eni.deleteOnRelease,
    InstanceId,
    NetworkInterfaceTrafficMode: 'Standard',
    QueueNumber: 1,
    Attachment: { InstanceId },
  };
}
