/** A private key store over real SoftHSM tokens, without network and API: what the backend sees. */
import { randomBytes } from 'node:crypto';
import { Secret } from '../../src/core/secret.ts';
import type { KeyBackends, MaterialHome } from '../../src/domain/kms/backend.ts';
import type { KeyStoreRecord, StoreMember } from '../../src/domain/kms/key-store.ts';
import { passwordBinding } from '../../src/domain/kms/key-store-role.ts';
import type { Place, Reader } from '../../src/domain/storage.ts';
import type { HsmLimits } from '../../src/hsm/options.ts';
import type { PoolLimits } from '../../src/keystore/backends/pkcs11/store-pool.ts';
import { createKeyBackends } from '../../src/keystore/key-backends.ts';
import type { MemberPath } from '../../src/keystore/member-path.ts';
import { processTimers } from '../../src/keystore/timers.ts';
import { firstMember, joinedMember, openRig, PASSWORD, type Rig, testSealer } from '../hsm/support.ts';
import { makeOwner } from '../support/owner.ts';

export const PLACE: Place = { account: '1000000000000001', region: 'cn-hangzhou' };

export interface StoreRig {
  readonly rig: Rig;
  readonly deviceIds: readonly string[];
  readonly store: KeyStoreRecord;
  readonly backends: KeyBackends;
  /** Members whose path is cut. */
  readonly cut: Set<string>;
  /** Another set of backends over the same devices, as after a restart. */
  fresh(changes?: Partial<KeyStoreRecord>): KeyBackends;
  close(): Promise<void>;
}

export function home(versionId = 'v1', keyId = 'key-1'): MaterialHome {
  return { place: PLACE, keyId, versionId };
}

/** A cluster of `size` HSMs and a store on it. */
export async function openStoreRig(
  size: number,
  options: { limits?: Partial<HsmLimits>; pool?: Partial<PoolLimits>; password?: string; quorum?: number } = {},
): Promise<StoreRig> {
  const sealer = testSealer();
  const rig = await openRig({ sealer, ...(options.limits === undefined ? {} : { limits: options.limits }) });
  const { devices } = rig;
  const owner = makeOwner();
  const first = await firstMember(devices);
  const csr = await devices.admin(first).createCsr('CN=cluster, O=Coffer');
  const der = (pem: string): Uint8Array => Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
  await devices.admin(first).installCertificates({ owner: der(owner.certificate), cluster: der(owner.sign(csr)) });
  const deviceIds = [first];
  while (deviceIds.length < size) deviceIds.push(await joinedMember(devices, first));
  const members: StoreMember[] = deviceIds.map((deviceId, at) => ({ instanceId: deviceId, ip: `10.0.0.${at + 1}` }));
  const keyStoreId = 'kst-test';
  const store: KeyStoreRecord = {
    keyStoreId,
    name: 'store',
    description: '',
    type: 'HSM_CLUSTER',
    creator: PLACE.account,
    createdAt: 0,
    hsmClusterId: 'cluster-test',
    sealedPassword: sealer.seal(passwordBinding(PLACE, keyStoreId), Secret.ofText(options.password ?? PASSWORD)),
    securityDomainCertificate: owner.certificate,
    connection: 'Connected',
    connectionChangedAt: 0,
    epoch: 1,
    members,
    leftOver: [],
  };
  const cut = new Set<string>();
  const opened: KeyBackends[] = [];
  const fresh = (): KeyBackends => {
    const backends = createKeyBackends({
      software: undefined as never,
      reader: { get: async () => store } as unknown as Reader,
      timers: processTimers,
      devices,
      sealer,
      random: { bytes: (count) => randomBytes(count) },
      paths: {
        of: async (_place, _store, member): Promise<MemberPath> =>
          cut.has(member.instanceId)
            ? { open: false, problem: 'NetworkErrors', why: 'cut' }
            : { open: true, deviceId: member.instanceId },
      },
      ...(options.pool === undefined ? {} : { limits: options.pool }),
      ...(options.quorum === undefined ? {} : { quorum: options.quorum }),
    });
    opened.push(backends);
    return backends;
  };
  return {
    rig,
    deviceIds,
    store,
    backends: fresh(),
    cut,
    fresh,
    close: async () => {
      for (const backends of opened) await backends.close(PLACE, keyStoreId);
      await rig.close();
    },
  };
}
