import { type ClusterZone, HSM_CLUSTERS, type HsmClusterRecord } from '../../domain/hsm-service/cluster.ts';
import { readWhitelist } from '../../domain/hsm-service/whitelist.ts';
import { V_SWITCHES } from '../../domain/network/vpc.ts';
import type { Place, Reader } from '../../domain/storage.ts';
import { fail } from '../../errors/fault.ts';
import { text } from '../../schema/fields.ts';
import { textList } from '../../schema/list-fields.ts';
import { onCluster, onEachVSwitch, region } from './_arn.ts';
import { clusterId, clusterOf, clusterReferences, clusterTakes, findCluster } from './_cluster.ts';
import { clusterName } from './_cluster-fields.ts';
import { writes } from './_product.ts';

/** The cluster's vSwitches after the change: those it has and new ones of its VPC. Throws. */
async function grownZones(
  read: Reader,
  place: Place,
  cluster: HsmClusterRecord,
  ids: readonly string[],
  zoneNos: readonly string[] | undefined,
): Promise<readonly ClusterZone[]> {
  const missing = cluster.zones.find((zone) => !ids.includes(zone.vSwitchId));
  if (missing !== undefined) throw fail('InvalidClusterVSwitches', { why: `${missing.vSwitchId} cannot be taken out` });
  const zones: ClusterZone[] = [];
  for (const [at, id] of [...new Set(ids)].entries()) {
    const vSwitch = await read.get(V_SWITCHES, place, id);
    if (vSwitch === undefined) throw fail('InvalidVSwitchId.NotFound');
    if (vSwitch.vpcId !== cluster.vpcId) {
      throw fail('InvalidClusterVSwitches', { why: `${id} is of another VPC than the master` });
    }
    if (zoneNos !== undefined && zoneNos[at] !== vSwitch.zoneId) {
      throw fail('InvalidClusterVSwitches', { why: `${id} is in the zone ${vSwitch.zoneId}` });
    }
    zones.push({ vSwitchId: id, zoneId: vSwitch.zoneId });
  }
  return zones;
}

export const ConfigureCluster = writes({
  product: 'Hsm',
  name: 'ConfigureCluster',
  origin: 'vendor',
  title: "Sets a cluster's name, vSwitches and whitelist.",
  notes:
    'What is left out stays as it is. The list of vSwitches may only grow. The whitelist says which addresses may connect to any member; it takes effect at once, also on connections that are open.',
  input: {
    RegionId: region(),
    ClusterId: clusterId(),
    ClusterName: clusterName(false),
    VpcId: text({ doc: "The master's VPC; checked when given.", max: 64 }),
    VSwitchIds: textList({ doc: 'All vSwitches of the cluster.', max: 64, maxItems: 16 }),
    ZoneNos: textList({ doc: 'Their zones, in the same order; checked when given.', max: 64, maxItems: 16 }),
    IpWhiteList: text({
      doc: 'Up to 10 addresses and CIDR blocks, separated by commas; not 0.0.0.0/0. Empty: nobody.',
      min: 0,
      max: 256,
    }),
  },
  output: {},
  resolve: findCluster,
  permissions: [onCluster('yundun-hsm:ConfigureCluster'), onEachVSwitch('yundun-hsm:ConfigureCluster')],
  guards: [clusterTakes('configure')],
  throttle: 'management',
  errors: ['InvalidWhiteList', 'InvalidClusterVSwitches', 'InvalidVSwitchId.NotFound'],
  references: clusterReferences,
  handle: async (ctx, input, named) => {
    const cluster = clusterOf(named);
    if (input.VpcId !== undefined && input.VpcId !== cluster.vpcId) {
      throw ctx.fail('InvalidClusterVSwitches', { why: `the cluster lives in ${cluster.vpcId}` });
    }
    const whitelist = input.IpWhiteList === undefined ? cluster.whitelist : readWhitelist(input.IpWhiteList);
    if (whitelist === undefined) throw ctx.fail('InvalidWhiteList');
    const zones =
      input.VSwitchIds === undefined
        ? cluster.zones
        : await grownZones(ctx.tx, ctx.place, cluster, input.VSwitchIds, input.ZoneNos);
    await ctx.tx.update(HSM_CLUSTERS, ctx.place, {
      ...cluster,
      name: input.ClusterName ?? cluster.name,
      whitelist,
      zones,
    });
    return {};
  },
});
