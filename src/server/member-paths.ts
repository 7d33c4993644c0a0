import type { ConnectionErrorCode } from '../domain/kms/key-store.ts';
import type { NetworkFabric } from '../domain/network/fabric.ts';
import type { Unreachable } from '../domain/network/reach.ts';
import type { MemberPath, MemberPaths } from '../keystore/member-path.ts';

/** Where HSMs listen for crypto users. */
export const HSM_PORT = 2225;

/** What a missing connection means for a store; everything not named is a network error. */
const PROBLEMS: Readonly<Partial<Record<Unreachable, ConnectionErrorCode>>> = { WhitelistDenied: 'WhitelistDenied' };

/** The ways from a store's interfaces to its HSMs, over the account's network: the first interface that gets through counts. */
export function createMemberPaths(fabric: NetworkFabric): MemberPaths {
  return {
    of: async (place, store, member): Promise<MemberPath> => {
      let refused: MemberPath = { open: false, problem: 'NetworkErrors', why: 'the store has no network interface' };
      for (const { networkInterfaceId } of store.network?.interfaces ?? []) {
        const path = await fabric.path(place, { networkInterfaceId, ip: member.ip, port: HSM_PORT });
        if (path.ok && path.instanceId === member.instanceId) return { open: true, deviceId: path.deviceId };
        const why = path.ok
          ? `${member.ip} is another HSM now`
          : `${networkInterfaceId} to ${member.ip}:${HSM_PORT}: ${path.reason}`;
        refused = { open: false, problem: path.ok ? 'NetworkErrors' : (PROBLEMS[path.reason] ?? 'NetworkErrors'), why };
      }
      return refused;
    },
  };
}
