import { isoSeconds } from '../../core/time.ts';
import { freeCount } from '../../domain/network/addresses.ts';
import type { VSwitchRecord } from '../../domain/network/vpc.ts';
import type { LookupContext } from '../../operation/context.ts';
import { out } from '../../schema/output.ts';

const tagMembers = { Key: out.text('Name of the label.'), Value: out.text('Its value.') };

/** What answers say of any vSwitch. */
export const vSwitchMembers = {
  VSwitchId: out.text('Id of the vSwitch.'),
  VSwitchName: out.text('Its name.'),
  Description: out.text('Free text.'),
  VpcId: out.text('Its VPC.'),
  ZoneId: out.text('Its zone.'),
  Status: out.text('Always `Available`: vSwitches are made at once.'),
  CidrBlock: out.text('Its block of addresses.'),
  AvailableIpAddressCount: out.integer(
    'Addresses that are left. The first of the block and its last three are never given out.',
  ),
  CreationTime: out.text('When it was made.'),
  IsDefault: out.flag('Always false.'),
  OwnerId: out.integer('Account that owns it.'),
  RouteTable: out.object('Its route table.', {
    RouteTableId: out.text('Id.'),
    RouteTableType: out.text('Always `System`.'),
  }),
  ShareType: out.text('Always empty: nothing is shared.'),
  EnabledIpv6: out.flag('Always false.'),
  Tags: out.list('Its labels.', 'Tag', tagMembers),
};

export async function vSwitchAnswer(ctx: LookupContext, vSwitch: VSwitchRecord) {
  return {
    VSwitchId: vSwitch.vSwitchId,
    VSwitchName: vSwitch.name,
    Description: vSwitch.description,
    VpcId: vSwitch.vpcId,
    ZoneId: vSwitch.zoneId,
    Status: 'Available',
    CidrBlock: vSwitch.cidrBlock,
    AvailableIpAddressCount: await freeCount(ctx.read, ctx.place, vSwitch),
    CreationTime: isoSeconds(new Date(vSwitch.createdAt)),
    IsDefault: false,
    OwnerId: Number(ctx.account),
    RouteTable: { RouteTableId: vSwitch.routeTableId, RouteTableType: 'System' },
    ShareType: '',
    EnabledIpv6: false,
    Tags: vSwitch.tags.map((tag) => ({ Key: tag.key, Value: tag.value })),
  };
}
