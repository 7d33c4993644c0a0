import { isoSeconds } from '../../core/time.ts';
import { hasTags } from '../../domain/network/resource-tag.ts';
import { V_SWITCHES, VPCS, type VpcRecord } from '../../domain/network/vpc.ts';
import type { LookupContext } from '../../operation/context.ts';
import { out } from '../../schema/output.ts';

const tagMembers = { Key: out.text('Name of the label.'), Value: out.text('Its value.') };

/** What answers say of any VPC. */
export const vpcMembers = {
  VpcId: out.text('Id of the VPC.'),
  VpcName: out.text('Its name.'),
  Description: out.text('Free text.'),
  RegionId: out.text('Its region.'),
  Status: out.text('Always `Available`: VPCs are made at once.'),
  CidrBlock: out.text('Its block of addresses.'),
  CreationTime: out.text('When it was made.'),
  IsDefault: out.flag('Always false: no VPC is made by itself.'),
  OwnerId: out.integer('Account that owns it.'),
  VRouterId: out.text('Id of its router.'),
  EnabledIpv6: out.flag('Always false.'),
  VSwitchIds: out.textList('Its vSwitches.', 'VSwitchId'),
  SecondaryCidrBlocks: out.textList('Always empty.', 'SecondaryCidrBlock'),
  UserCidrs: out.textList('Always empty.', 'UserCidr'),
  Tags: out.list('Its labels.', 'Tag', tagMembers),
};

export async function vpcAnswer(ctx: LookupContext, vpc: VpcRecord) {
  const vSwitches = await ctx.read.list(V_SWITCHES, ctx.place, { index: 'vpc', value: vpc.vpcId });
  return {
    VpcId: vpc.vpcId,
    VpcName: vpc.name,
    Description: vpc.description,
    RegionId: ctx.region,
    Status: 'Available',
    CidrBlock: vpc.cidrBlock,
    CreationTime: isoSeconds(new Date(vpc.createdAt)),
    IsDefault: false,
    OwnerId: Number(ctx.account),
    VRouterId: vpc.vRouterId,
    EnabledIpv6: false,
    VSwitchIds: vSwitches.map((vSwitch) => vSwitch.vSwitchId),
    SecondaryCidrBlocks: [],
    UserCidrs: [],
    Tags: vpc.tags.map((tag) => ({ Key: tag.key, Value: tag.value })),
  };
}

interface VpcFilter {
  readonly VpcId: string | undefined;
  readonly VpcName: string | undefined;
  readonly tags: readonly { readonly key: string; readonly value: string | undefined }[];
}

/** VPCs that match all of a filter; several ids are separated by commas. */
export async function matchingVpcs(ctx: LookupContext, filter: VpcFilter): Promise<VpcRecord[]> {
  const ids = filter.VpcId?.split(',').map((id) => id.trim());
  const all =
    ids === undefined
      ? await ctx.read.list(VPCS, ctx.place)
      : (await Promise.all([...new Set(ids)].map((id) => ctx.read.get(VPCS, ctx.place, id)))).filter(
          (vpc) => vpc !== undefined,
        );
  return all.filter(
    (vpc) => (filter.VpcName === undefined || vpc.name === filter.VpcName) && hasTags(vpc.tags, filter.tags),
  );
}
