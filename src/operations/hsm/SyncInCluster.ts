import { cloneMember } from '../../domain/hsm-service/device-work.ts';
import { HSM_INSTANCES, type HsmInstanceRecord } from '../../domain/hsm-service/instance.ts';
import { out } from '../../schema/output.ts';
import { onCluster, region } from './_arn.ts';
import { clusterId, clusterOf, clusterReferences, clusterTakes, findCluster, memberOf, membersOf } from './_cluster.ts';
import { claimed, DEVICE_ERRORS, unchanged } from './_device.ts';
import { writes } from './_product.ts';

export const SyncInCluster = writes({
  product: 'Hsm',
  name: 'SyncInCluster',
  origin: 'vendor',
  title: 'Copies the master over the members that differ from it.',
  notes:
    'Keys need no copying: members hold the same cluster key for good. Users do, when they were made on the master after the others had joined. One way: users that only another member has are lost, and passwords and locks become those of the master. Members whose Digest equals that of the master are left alone. A member that is copied over answers nobody for a second or two.',
  input: { RegionId: region(), ClusterId: clusterId() },
  output: { SynchronizedInstanceIds: out.plainTextList('Members that were copied over.', 'InstanceId') },
  resolve: findCluster,
  permissions: [onCluster('yundun-hsm:SyncInCluster')],
  guards: [clusterTakes('synchronize')],
  throttle: 'management',
  errors: [...DEVICE_ERRORS, 'InstanceNotInCluster'],
  references: clusterReferences,
  prepare: async (ctx, _input, named) => {
    const [master, ...others] = await membersOf(ctx.read, ctx.place, clusterOf(named));
    const { devices } = ctx.ports;
    const hsms = others.filter((member) => member.state === 'ACTIVE');
    return claimed(ctx, [master!, ...hsms], async () => {
      const wanted = await devices.admin(master!.deviceId).digest();
      const stale: HsmInstanceRecord[] = [];
      for (const hsm of hsms) {
        const admin = devices.admin(hsm.deviceId);
        if ((await admin.digest()) === wanted) continue;
        // It may have left while others were copied, on a node that does not know this one's claims.
        await unchanged(ctx, hsm);
        await cloneMember(devices, hsm.deviceId, [master!.deviceId]);
        await admin.confirmJoin();
        stale.push(hsm);
      }
      return { stale, users: master!.users };
    });
  },
  handle: async (ctx, _input, named, { stale, users }) => {
    const cluster = clusterOf(named);
    for (const { instanceId } of stale) {
      const hsm = await memberOf(ctx.tx, ctx.place, cluster, instanceId);
      await ctx.tx.update(HSM_INSTANCES, ctx.place, { ...hsm, users });
    }
    return { SynchronizedInstanceIds: stale.map((hsm) => hsm.instanceId) };
  },
});
