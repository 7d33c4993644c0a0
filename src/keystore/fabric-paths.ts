import type { ConnectionErrorCode } from '../domain/kms/key-store.ts';
import type { NetworkFabric } from '../domain/network/fabric.ts';
import { HSM_PORT, type Unreachable } from '../domain/network/reach.ts';
import type { Reader } from '../domain/storage.ts';
import type { MemberPath, MemberPaths } from './member-path.ts';

interface Reason {
  readonly problem: ConnectionErrorCode;
  readonly why: string;
  /** Of several interfaces' reasons the greatest is told: it is nearest to the HSM. */
  readonly rank: number;
}

/** What the network's refusals mean for a store. */
const REASONS: Readonly<Record<Unreachable, Reason>> = Object.freeze({
  NoInterface: { rank: 0, problem: 'NetworkErrors', why: "the store's network interface is gone." },
  InterfaceNotAttached: { rank: 1, problem: 'NetworkErrors', why: "the store's network interface is not attached." },
  EgressDenied: { rank: 2, problem: 'NetworkErrors', why: 'the security group does not let the connection out.' },
  NoHsm: { rank: 3, problem: 'NetworkErrors', why: 'no HSM has this address.' },
  IngressDenied: { rank: 4, problem: 'NetworkErrors', why: 'the security group does not let the connection in.' },
  WhitelistDenied: { rank: 5, problem: 'WhitelistDenied', why: "its whitelist lacks the store's interfaces." },
  HsmNotActive: { rank: 6, problem: 'InsufficientHsms', why: 'it is paused or out of service.' },
  PortClosed: { rank: 7, problem: 'NetworkErrors', why: `nothing listens on port ${HSM_PORT}.` },
});

const NONE: MemberPath = { open: false, problem: 'NetworkErrors', why: 'the store has no network interface.' };
const KEPT_PATHS = 4_096;

interface Known {
  readonly network: object;
  readonly hsm: object;
  readonly path: Promise<MemberPath>;
}

/**
 * Paths through the network fabric, asked again as soon as anything in the account's network or HSM service has
 * changed. Between changes an answer costs two look-ups in memory.
 */
export function createFabricPaths(fabric: NetworkFabric, reader: Reader): MemberPaths {
  const known = new Map<string, Known>();
  // A memo's value is made anew exactly when a record of its group has changed: its identity is the group's version.
  const version = (group: string, account: string): Promise<object> =>
    reader.memo(group, account, 'kms.key-store.version', async () => ({}));

  return {
    of: async (place, store, member) => {
      const { account, region } = place;
      const [network, hsm] = await Promise.all([version('network', account), version('hsm', account)]);
      const key = `${account}/${region}/${store.keyStoreId}/${store.epoch}/${member.ip}`;
      const found = known.get(key);
      if (found !== undefined && found.network === network && found.hsm === hsm) return found.path;
      const path = look();
      known.delete(key);
      known.set(key, { network, hsm, path });
      if (known.size > KEPT_PATHS) known.delete(known.keys().next().value!);
      path.catch(() => known.delete(key));
      return path;

      async function look(): Promise<MemberPath> {
        let best: Reason | undefined;
        for (const { networkInterfaceId } of store.network?.interfaces ?? []) {
          const path = await fabric.path(place, { networkInterfaceId, ip: member.ip, port: HSM_PORT });
          if (path.ok && path.instanceId === member.instanceId) return { open: true, deviceId: path.deviceId };
          // Another HSM has the address now.
          const reason = REASONS[path.ok ? 'NoHsm' : path.reason];
          if (best === undefined || reason.rank > best.rank) best = reason;
        }
        return best === undefined ? NONE : { open: false, problem: best.problem, why: best.why };
      }
    },
  };
}
