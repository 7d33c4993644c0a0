import { HSM_CLUSTERS, type HsmClusterRecord } from '../../domain/hsm-service/cluster.ts';
import type { LookupContext } from '../../operation/context.ts';
import { text } from '../../schema/fields.ts';
import { out } from '../../schema/output.ts';
import { pageOf } from '../../schema/page-number.ts';
import { onAny, region } from './_arn.ts';
import { membersOf } from './_cluster.ts';
import { pageInput, pageOutput } from './_paging.ts';
import { reads } from './_product.ts';

async function clusterAnswer(ctx: LookupContext, cluster: HsmClusterRecord) {
  const members = await membersOf(ctx.read, ctx.place, cluster);
  return {
    ClusterId: cluster.clusterId,
    ClusterName: cluster.name,
    ClusterStatus: cluster.state,
    Status: cluster.state,
    ClusterSize: members.length,
    ClusterMaster: cluster.masterInstanceId,
    VpcId: cluster.vpcId,
    RegionId: ctx.region,
    CreateTime: cluster.createdAt,
    HsmDeviceType: members[0]?.model ?? '',
    IpWhiteList: cluster.whitelist,
    ClusterZones: cluster.zones.map((zone) => ({ VSwitchId: zone.vSwitchId, ZoneNo: zone.zoneId })),
    Certificates: {
      ClusterCsr: cluster.csr,
      ClusterCertificate: cluster.certificates?.cluster ?? '',
      ClusterOwnerCertificate: cluster.certificates?.owner ?? '',
    },
  };
}

export const DescribeClusters = reads({
  product: 'Hsm',
  name: 'DescribeClusters',
  origin: 'vendor',
  title: 'Lists clusters, with their certificate requests and certificates.',
  notes: 'ClusterStatus is a word: `NEW`, `INITIALIZED`, `TO_DELETE`; Status says the same.',
  input: {
    RegionId: region(),
    ClusterId: text({ doc: 'Only this cluster.', max: 64 }),
    ClusterName: text({ doc: 'Only clusters of this name.', max: 24 }),
    ClusterStatus: text({ doc: 'Only clusters of this status.', max: 32 }),
    ...pageInput,
  },
  output: {
    Clusters: out.plainList('The clusters on the page.', 'Cluster', {
      ClusterId: out.text('Id of the cluster.'),
      ClusterName: out.text('Its name.'),
      ClusterStatus: out.text('`NEW`, `INITIALIZED` or `TO_DELETE`.'),
      Status: out.text('The same. An addition of ours.'),
      ClusterSize: out.integer('How many HSMs are in it.'),
      ClusterMaster: out.text('Id of the master.'),
      VpcId: out.text('Its VPC.'),
      RegionId: out.text('Its region.'),
      CreateTime: out.integer('When it was made: milliseconds since 1970 (UTC).'),
      HsmDeviceType: out.text("The master's model."),
      IpWhiteList: out.plainTextList('Who may connect to its members.', 'IpWhiteList'),
      ClusterZones: out.plainList('Its vSwitches.', 'ClusterZone', {
        VSwitchId: out.text('The vSwitch.'),
        ZoneNo: out.text('Its zone.'),
      }),
      Certificates: out.object('PEM texts; empty before InitializeCluster, except the request.', {
        ClusterCsr: out.text('Certificate request, made inside the first HSM.'),
        ClusterCertificate: out.text('The request, signed by the owner.'),
        ClusterOwnerCertificate: out.text("The owner's certificate: the security domain certificate."),
      }),
    }),
    ...pageOutput,
    TotalCount: out.text('How many there are on all pages. A text, as the vendor has it.'),
  },
  permissions: [onAny('yundun-hsm:DescribeClusters', 'cluster')],
  throttle: 'query',
  errors: [],
  handle: async (ctx, input) => {
    const all =
      input.ClusterId === undefined
        ? await ctx.read.list(HSM_CLUSTERS, ctx.place)
        : [await ctx.read.get(HSM_CLUSTERS, ctx.place, input.ClusterId)];
    const found = all.filter(
      (cluster) =>
        cluster !== undefined &&
        (input.ClusterName === undefined || cluster.name === input.ClusterName) &&
        (input.ClusterStatus === undefined || cluster.state === input.ClusterStatus),
    ) as HsmClusterRecord[];
    const page = pageOf(found, input.CurrentPage, input.PageSize);
    return {
      Clusters: await Promise.all(page.map((cluster) => clusterAnswer(ctx, cluster))),
      CurrentPage: input.CurrentPage,
      PageSize: input.PageSize,
      TotalCount: String(found.length),
    };
  },
});
