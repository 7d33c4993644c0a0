import type { HsmDevices } from '../../domain/hsm-devices.ts';
import { cloneMember } from '../../domain/hsm-service/device-work.ts';
import { HSM_INSTANCES, type HsmInstanceRecord } from '../../domain/hsm-service/instance.ts';
import type { CallEnd } from '../../operation/context.ts';
import { ADDRESS_ERRORS, placeHsm } from './_address.ts';
import { onCluster, onEachInstance, region } from './_arn.ts';
import {
  clusterId,
  clusterOf,
  clusterReferences,
  clusterTakes,
  findCluster,
  memberIds,
  membersOf,
} from './_cluster.ts';
import { claimed, DEVICE_ERRORS } from './_device.ts';
import { stateAfter } from './_instance.ts';
import { homeFor, JOIN_ERRORS, newcomer, requireAddresses } from './_join.ts';
import { writes } from './_product.ts';

/** A newcomer that did not become a member keeps nothing of the cluster; after a lost database the next start decides. */
async function settleJoins(devices: HsmDevices, hsms: readonly HsmInstanceRecord[], end: CallEnd): Promise<void> {
  if (end === 'unknown') return;
  const settled = hsms.map(({ deviceId }) => {
    const admin = devices.admin(deviceId);
    if (!admin.joining()) return undefined;
    return end === 'committed' ? admin.confirmJoin() : admin.zeroise();
  });
  await Promise.all(settled);
}

/** Members that can be copied from, the master first. */
const sources = (members: readonly HsmInstanceRecord[]): HsmInstanceRecord[] =>
  members.filter((member) => member.state === 'ACTIVE');

export const AddInstancesToCluster = writes({
  product: 'Hsm',
  name: 'AddInstancesToCluster',
  origin: 'vendor',
  title: 'Lets HSMs join an initialised cluster.',
  notes:
    "A newcomer must not be initialised. It becomes a copy of a member (the master, or another when the master does not answer): the cluster's key, identity, certificates and users. The cluster's key travels encrypted to a key that only the newcomer holds. One without address gets one in the cluster's vSwitch with the fewest members. When the call returns, the newcomers are members; no state in between shows.",
  input: { RegionId: region(), ClusterId: clusterId(), HsmInstanceIds: memberIds('The HSMs that shall join.') },
  output: {},
  resolve: findCluster,
  permissions: [onCluster('yundun-hsm:AddInstancesToCluster'), onEachInstance('yundun-hsm:AddInstancesToCluster')],
  guards: [clusterTakes('add-member')],
  throttle: 'management',
  errors: [...DEVICE_ERRORS, ...JOIN_ERRORS, ...ADDRESS_ERRORS],
  references: clusterReferences,
  prepare: async (ctx, input, named) => {
    const cluster = clusterOf(named);
    const { devices } = ctx.ports;
    const members = await membersOf(ctx.read, ctx.place, cluster);
    const vendor = members[0]?.vendor ?? '';
    const hsms: HsmInstanceRecord[] = [];
    for (const id of new Set(input.HsmInstanceIds)) {
      hsms.push(await newcomer(ctx.read, ctx.place, cluster, vendor, id));
    }
    await requireAddresses(ctx.read, ctx.place, cluster, members, hsms);
    const from = sources(members);
    const copied = await claimed(ctx, hsms, async () => {
      ctx.onEnd((end) => settleJoins(devices, hsms, end));
      const users = new Map<string, readonly string[]>();
      for (const hsm of hsms) {
        const source = await cloneMember(
          devices,
          hsm.deviceId,
          from.map((member) => member.deviceId),
        );
        users.set(hsm.instanceId, from.find((member) => member.deviceId === source)!.users);
      }
      return users;
    });
    return { hsms, copied };
  },
  handle: async (ctx, _input, named, { hsms, copied }) => {
    const cluster = clusterOf(named);
    const members = await membersOf(ctx.tx, ctx.place, cluster);
    for (const { instanceId } of hsms) {
      const hsm = await newcomer(ctx.tx, ctx.place, cluster, members[0]?.vendor ?? '', instanceId);
      const network =
        hsm.network ?? (await placeHsm(ctx.tx, ctx.place, hsm, await homeFor(ctx.tx, ctx.place, cluster, members)));
      const member: HsmInstanceRecord = {
        ...hsm,
        state: stateAfter(hsm, 'join-cluster'),
        initialised: true,
        users: copied.get(instanceId)!,
        network,
        clusterId: cluster.clusterId,
      };
      await ctx.tx.update(HSM_INSTANCES, ctx.place, member);
      members.push(member);
      ctx.refer('ACS::HSM::Instance', instanceId);
    }
    return {};
  },
});
