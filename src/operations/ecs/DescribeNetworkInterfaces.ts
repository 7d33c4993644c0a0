import {
  interfaceStatus,
  NETWORK_INTERFACES,
  type NetworkInterfaceRecord,
} from '../../domain/network/network-interface.ts';
import { hasTags } from '../../domain/network/resource-tag.ts';
import type { ListOptions } from '../../domain/storage.ts';
import type { LookupContext } from '../../operation/context.ts';
import { flag, text } from '../../schema/fields.ts';
import { textList } from '../../schema/list-fields.ts';
import { notOffered } from '../../schema/not-offered.ts';
import { out } from '../../schema/output.ts';
import { tagFilter, tagPairs } from '../../schema/resource-tags.ts';
import { onAny, region } from './_arn.ts';
import { listedInterfaceAnswer, listedInterfaceMembers } from './_interface-answer.ts';
import { reads } from './_product.ts';
import { pageInput, pageOutput, tokenPage } from './_token-page.ts';

interface Narrowing {
  readonly NetworkInterfaceId: readonly string[] | undefined;
  readonly VSwitchId: string | undefined;
  readonly SecurityGroupId: string | undefined;
  readonly VpcId: string | undefined;
}

/** Candidates by the narrowest look-up there is; the other filters come after. */
async function candidates(ctx: LookupContext, by: Narrowing): Promise<NetworkInterfaceRecord[]> {
  if (by.NetworkInterfaceId !== undefined) {
    const ids = [...new Set(by.NetworkInterfaceId)].sort();
    const found = await Promise.all(ids.map((id) => ctx.read.get(NETWORK_INTERFACES, ctx.place, id)));
    return found.filter((eni) => eni !== undefined);
  }
  const narrowest: ListOptions =
    by.SecurityGroupId !== undefined
      ? { index: 'group', value: by.SecurityGroupId }
      : by.VSwitchId !== undefined
        ? { index: 'vSwitch', value: by.VSwitchId }
        : by.VpcId !== undefined
          ? { index: 'vpc', value: by.VpcId }
          : {};
  return ctx.read.list(NETWORK_INTERFACES, ctx.place, narrowest);
}

export const DescribeNetworkInterfaces = reads({
  product: 'Ecs',
  name: 'DescribeNetworkInterfaces',
  origin: 'vendor',
  title: 'Lists network interfaces.',
  input: {
    RegionId: region(),
    NetworkInterfaceId: textList({ doc: 'Only these.', maxItems: 100, max: 64 }),
    NetworkInterfaceName: text({ doc: 'Only interfaces of this name.', max: 128 }),
    VpcId: text({ doc: 'Only interfaces of this VPC.', max: 64 }),
    VSwitchId: text({ doc: 'Only interfaces of this vSwitch.', max: 64 }),
    SecurityGroupId: text({ doc: 'Only interfaces in this group.', max: 64 }),
    PrimaryIpAddress: text({ doc: 'Only the interface with this address.', max: 15 }),
    PrivateIpAddress: textList({ doc: 'Only interfaces with one of these addresses.', maxItems: 100, max: 15 }),
    InstanceId: text({ doc: 'Only interfaces attached to this instance.', max: 64 }),
    Status: text({ doc: '`Available` or `InUse`; any other finds nothing.', max: 32 }),
    Type: text({ doc: '`Secondary`; any other finds nothing.', max: 32 }),
    ServiceManaged: flag({ doc: 'True finds nothing.' }),
    Ipv6Address: notOffered('Array'),
    ResourceGroupId: notOffered(),
    Tag: tagFilter('Only interfaces with these labels.'),
    ...pageInput,
  },
  output: {
    NetworkInterfaceSets: out.list('The interfaces on the page.', 'NetworkInterfaceSet', listedInterfaceMembers),
    ...pageOutput,
  },
  permissions: [onAny('ecs:DescribeNetworkInterfaces', 'eni')],
  throttle: 'query',
  errors: ['InvalidNextToken'],
  handle: async (ctx, input) => {
    const wanted = (value: string | undefined, actual: string): boolean => value === undefined || value === actual;
    const found = (await candidates(ctx, input)).filter(
      (eni) =>
        wanted(input.NetworkInterfaceName, eni.name) &&
        wanted(input.VpcId, eni.vpcId) &&
        wanted(input.VSwitchId, eni.vSwitchId) &&
        (input.SecurityGroupId === undefined || eni.securityGroupIds.includes(input.SecurityGroupId)) &&
        wanted(input.PrimaryIpAddress, eni.privateIp) &&
        (input.PrivateIpAddress === undefined || input.PrivateIpAddress.includes(eni.privateIp)) &&
        wanted(input.InstanceId, eni.attachment?.instanceId ?? '') &&
        wanted(input.Status, interfaceStatus(eni)) &&
        wanted(input.Type, 'Secondary') &&
        input.ServiceManaged !== true &&
        hasTags(eni.tags, tagPairs(input.Tag)),
    );
    const page = tokenPage(found, input, (eni) => eni.networkInterfaceId);
    return {
      NetworkInterfaceSets: page.items.map((eni) => listedInterfaceAnswer(ctx, eni)),
      ...page.about,
    };
  },
});
