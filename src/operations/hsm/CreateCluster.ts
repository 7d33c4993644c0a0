import { plainId } from '../../core/ids.ts';
import { HSM_CLUSTERS } from '../../domain/hsm-service/cluster.ts';
import { foundCluster } from '../../domain/hsm-service/device-work.ts';
import { HSM_INSTANCES } from '../../domain/hsm-service/instance.ts';
import { readWhitelist } from '../../domain/hsm-service/whitelist.ts';
import { clientToken, text } from '../../schema/fields.ts';
import { textList } from '../../schema/list-fields.ts';
import { out } from '../../schema/output.ts';
import { onAny, onMaster, region } from './_arn.ts';
import { clusterName } from './_cluster-fields.ts';
import { claimed, DEVICE_ERRORS } from './_device.ts';
import { hsmOf, instanceTakes, type NamedInstance, outsideCluster } from './_instance.ts';
import { writes } from './_product.ts';

export const CreateCluster = writes({
  product: 'Hsm',
  name: 'CreateCluster',
  origin: 'vendor',
  title: 'Makes a cluster from its first HSM, the master.',
  notes:
    "The cluster is `NEW`. Its key pair and its key are made inside the master, and DescribeClusters shows the certificate request (ClusterCsr) to be signed. The master's vSwitch is the cluster's first; ConfigureCluster adds more. Further HSMs join once the cluster is initialised.",
  input: {
    RegionId: region(),
    ClusterName: clusterName(true),
    MasterInstanceId: text({ doc: 'The first HSM: `ACTIVE` and in no cluster.', required: true, max: 64 }),
    HsmInstanceIds: textList({ doc: 'The master again, or nothing: others join later.', max: 64, maxItems: 1 }),
    IpWhiteList: text({ doc: 'Up to 10 addresses and CIDR blocks, separated by commas.', max: 256, fallback: '' }),
    ClientToken: clientToken(),
  },
  output: { ClusterId: out.text('Id of the cluster.') },
  resolve: async (ctx, input): Promise<NamedInstance> => ({
    hsm: await ctx.read.get(HSM_INSTANCES, ctx.place, input.MasterInstanceId),
  }),
  permissions: [onAny('yundun-hsm:CreateCluster', 'cluster'), onMaster('yundun-hsm:CreateCluster')],
  guards: [instanceTakes('found-cluster'), outsideCluster],
  throttle: 'management',
  errors: [...DEVICE_ERRORS, 'InvalidWhiteList', 'InstanceNotInCluster'],
  references: ({ input }) => ({ 'ACS::HSM::Instance': [input.MasterInstanceId] }),
  prepare: async (ctx, input, named) => {
    const hsm = hsmOf(named);
    const other = input.HsmInstanceIds?.find((id) => id !== hsm.instanceId);
    if (other !== undefined) throw ctx.fail('InstanceNotInCluster', { id: other });
    if (readWhitelist(input.IpWhiteList) === undefined) throw ctx.fail('InvalidWhiteList');
    const clusterId = plainId('cluster', ctx.ports.random);
    const admin = ctx.ports.devices.admin.bind(ctx.ports.devices);
    const csr = await claimed(ctx, [hsm], () =>
      foundCluster(admin(hsm.deviceId), `CN=${clusterId}, OU=HSM cluster, O=Coffer`, hsm.initialised),
    );
    return { clusterId, csr };
  },
  handle: async (ctx, input, named, { clusterId, csr }) => {
    const hsm = hsmOf(named);
    const { vpcId, vSwitchId, zoneId } = hsm.network!;
    await ctx.tx.insert(HSM_CLUSTERS, ctx.place, {
      clusterId,
      name: input.ClusterName,
      state: 'NEW',
      masterInstanceId: hsm.instanceId,
      vpcId,
      zones: [{ vSwitchId, zoneId }],
      whitelist: readWhitelist(input.IpWhiteList)!,
      csr,
      createdAt: ctx.now.getTime(),
    });
    await ctx.tx.update(HSM_INSTANCES, ctx.place, { ...hsm, clusterId });
    ctx.refer('ACS::HSM::Cluster', clusterId);
    return { ClusterId: clusterId };
  },
});
