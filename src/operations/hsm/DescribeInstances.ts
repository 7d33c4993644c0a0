import type { HsmDevices } from '../../domain/hsm-devices.ts';
import { HsmError } from '../../domain/hsm-errors.ts';
import { HSM_CLUSTERS } from '../../domain/hsm-service/cluster.ts';
import { HSM_INSTANCES, type HsmInstanceRecord } from '../../domain/hsm-service/instance.ts';
import { INSTANCE_NUMBERS } from '../../domain/hsm-service/instance-states.ts';
import type { LookupContext } from '../../operation/context.ts';
import { flag, integer, text } from '../../schema/fields.ts';
import { out } from '../../schema/output.ts';
import { pageOf } from '../../schema/page-number.ts';
import { onAny, region } from './_arn.ts';
import { pageInput, pageOutput } from './_paging.ts';
import { reads } from './_product.ts';

/** Digest of what the HSM holds; empty when it holds no cluster key or cannot be asked. */
async function digestOf(devices: HsmDevices, hsm: HsmInstanceRecord): Promise<string> {
  try {
    return (await devices.admin(hsm.deviceId).digest()) ?? '';
  } catch (error) {
    if (error instanceof HsmError) return '';
    throw error;
  }
}

async function instanceAnswer(ctx: LookupContext, devices: HsmDevices, hsm: HsmInstanceRecord) {
  const cluster = hsm.clusterId === undefined ? undefined : await ctx.read.get(HSM_CLUSTERS, ctx.place, hsm.clusterId);
  return {
    InstanceId: hsm.instanceId,
    Status: hsm.state,
    HsmStatus: INSTANCE_NUMBERS[hsm.state],
    InitStatus: hsm.initialised ? 1 : 0,
    ClusterId: hsm.clusterId ?? '',
    ClusterName: cluster?.name ?? '',
    IsMaster: cluster?.masterInstanceId === hsm.instanceId,
    HsmDeviceType: hsm.model,
    HsmOem: hsm.vendor,
    Ip: hsm.network?.ip ?? '',
    VpcId: hsm.network?.vpcId ?? '',
    VswitchId: hsm.network?.vSwitchId ?? '',
    ZoneId: hsm.network?.zoneId ?? '',
    WhiteList: cluster?.whitelist ?? hsm.whitelist,
    RegionId: ctx.region,
    Remark: hsm.remark,
    CreateTime: hsm.createdAt,
    IsTrial: false,
    Digest: await digestOf(devices, hsm),
  };
}

export const DescribeInstances = reads({
  product: 'Hsm',
  name: 'DescribeInstances',
  origin: 'vendor',
  title: 'Lists HSMs.',
  notes:
    'The vendor does not publish what its numbers mean. Here HsmStatus is 0 PENDING, 1 ACTIVE, 2 PAUSED, 3 RESET, 7 INVALID, and InitStatus 0 not initialised, 1 initialised; Status says the first in words. There is no ExpiredTime: HSMs are not rented here.',
  input: {
    RegionId: region(),
    InstanceId: text({ doc: 'Only this HSM.', max: 64 }),
    ClusterId: text({ doc: 'Only members of this cluster.', max: 64 }),
    HsmStatus: integer({ doc: 'Only HSMs of this status.', type: 'Long', min: 0, max: 99 }),
    VpcId: text({ doc: 'Only HSMs in this VPC.', max: 64 }),
    VpcIp: text({ doc: 'Only the HSM with this address.', max: 15 }),
    Remark: text({ doc: 'Only HSMs with this remark.', max: 255 }),
    ShowInitStatus: flag({ doc: 'Without effect: InitStatus is always shown.' }),
    ...pageInput,
  },
  output: {
    Instances: out.plainList('The HSMs on the page.', 'Instance', {
      InstanceId: out.text('Id of the HSM.'),
      Status: out.text('`PENDING`, `ACTIVE`, `PAUSED`, `RESET`, `INVALID`. An addition of ours.'),
      HsmStatus: out.integer('The same as a number.'),
      InitStatus: out.integer('1 when an officer is in charge of it, or it was copied from a member.'),
      ClusterId: out.text('Its cluster, or empty.'),
      ClusterName: out.text("Its cluster's name, or empty."),
      IsMaster: out.flag('It is the master of its cluster.'),
      HsmDeviceType: out.text('Its model.'),
      HsmOem: out.text('Vendor profile of the model.'),
      Ip: out.text('Its address, or empty.'),
      VpcId: out.text('Its VPC, or empty.'),
      VswitchId: out.text('Its vSwitch, or empty.'),
      ZoneId: out.text('Its zone, or empty.'),
      WhiteList: out.plainTextList('Who may connect: in a cluster its list, else the own one.', 'WhiteList'),
      RegionId: out.text('Its region.'),
      Remark: out.text('Free text.'),
      CreateTime: out.integer('When it was taken: milliseconds since 1970 (UTC).'),
      IsTrial: out.flag('Always false.'),
      Digest: out.text(
        'Digest of cluster key, identity, certificates and user names: equal on members that hold the same. Empty outside clusters.',
      ),
    }),
    ...pageOutput,
    TotalCount: out.integer('How many there are on all pages.'),
  },
  permissions: [onAny('yundun-hsm:DescribeInstances', 'instance')],
  throttle: 'query',
  errors: [],
  handle: async (ctx, input) => {
    const all = await ctx.read.list(
      HSM_INSTANCES,
      ctx.place,
      input.ClusterId === undefined ? {} : { index: 'cluster', value: input.ClusterId },
    );
    const wanted = (value: string | undefined, actual: string | undefined): boolean =>
      value === undefined || value === actual;
    const found = all.filter(
      (hsm) =>
        wanted(input.InstanceId, hsm.instanceId) &&
        (input.HsmStatus === undefined || INSTANCE_NUMBERS[hsm.state] === input.HsmStatus) &&
        wanted(input.VpcId, hsm.network?.vpcId) &&
        wanted(input.VpcIp, hsm.network?.ip) &&
        wanted(input.Remark, hsm.remark),
    );
    const page = pageOf(found, input.CurrentPage, input.PageSize);
    return {
      Instances: await Promise.all(page.map((hsm) => instanceAnswer(ctx, ctx.ports.devices, hsm))),
      CurrentPage: input.CurrentPage,
      PageSize: input.PageSize,
      TotalCount: found.length,
    };
  },
});
