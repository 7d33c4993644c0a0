import { beforeEach, describe, expect, it } from 'vitest';
import type { KeyStoreRecord } from '../domain/kms/key-store.ts';
import type { NetworkFabric, Path } from '../domain/network/fabric.ts';
import type { Unreachable } from '../domain/network/reach.ts';
import type { Reader } from '../domain/storage.ts';
import { createFabricPaths } from './fabric-paths.ts';

const PLACE = { account: '1', region: 'r' };
const MEMBER = { instanceId: 'hsm-1', ip: '10.0.0.9' };
const OPEN: Path = { ok: true, instanceId: 'hsm-1', deviceId: 'dev-1' };
const no = (reason: Unreachable): Path => ({ ok: false, reason });

function store(...interfaces: string[]): KeyStoreRecord {
  const network = {
    vpcId: 'vpc',
    vSwitchIds: [],
    zoneIds: [],
    interfaces: interfaces.map((networkInterfaceId) => ({ networkInterfaceId, vSwitchId: 'v', privateIp: '10.0.0.1' })),
  };
  return { keyStoreId: 'kst', epoch: 1, network } as unknown as KeyStoreRecord;
}

/** A fabric whose answers the test sets, and a reader whose groups it changes. */
class World {
  readonly answers = new Map<string, Path>();
  asked = 0;
  #versions: Record<string, object> = { network: {}, hsm: {} };
  readonly fabric = {
    path: async (_place: unknown, to: { networkInterfaceId: string }) => {
      this.asked += 1;
      return this.answers.get(to.networkInterfaceId) ?? no('NoInterface');
    },
  } as unknown as NetworkFabric;
  readonly reader = { memo: async (group: string) => this.#versions[group] } as unknown as Reader;
  change(group: 'network' | 'hsm'): void {
    this.#versions = { ...this.#versions, [group]: {} };
  }
}

describe('the way from a store to its HSMs', () => {
  let world: World;
  beforeEach(() => {
    world = new World();
  });

  it.each(['network', 'hsm'] as const)(
    'is asked again when something in %s has changed, and only then',
    async (group) => {
      const paths = createFabricPaths(world.fabric, world.reader);
      world.answers.set('eni-1', OPEN);
      for (let call = 0; call < 3; call += 1) {
        expect(await paths.of(PLACE, store('eni-1'), MEMBER)).toEqual({ open: true, deviceId: 'dev-1' });
      }
      expect(world.asked).toBe(1);
      world.answers.set('eni-1', no('IngressDenied'));
      world.change(group);
      expect(await paths.of(PLACE, store('eni-1'), MEMBER)).toMatchObject({ open: false, problem: 'NetworkErrors' });
      expect(world.asked).toBe(2);
    },
  );

  it('goes through any of the interfaces', async () => {
    world.answers.set('eni-1', no('EgressDenied')).set('eni-2', OPEN);
    const paths = createFabricPaths(world.fabric, world.reader);
    expect(await paths.of(PLACE, store('eni-1', 'eni-2'), MEMBER)).toEqual({ open: true, deviceId: 'dev-1' });
  });

  it('tells the reason nearest to the HSM', async () => {
    world.answers.set('eni-1', no('WhitelistDenied')).set('eni-2', no('InterfaceNotAttached'));
    const paths = createFabricPaths(world.fabric, world.reader);
    expect(await paths.of(PLACE, store('eni-1', 'eni-2'), MEMBER)).toMatchObject({ problem: 'WhitelistDenied' });
    expect(await paths.of(PLACE, store(), { ...MEMBER, ip: '10.0.0.8' })).toMatchObject({ problem: 'NetworkErrors' });
  });

  it('ends at the HSM that was meant, not at another that has its address now', async () => {
    world.answers.set('eni-1', { ok: true, instanceId: 'hsm-2', deviceId: 'dev-2' });
    const paths = createFabricPaths(world.fabric, world.reader);
    expect(await paths.of(PLACE, store('eni-1'), MEMBER)).toMatchObject({ open: false });
  });

  it('is not remembered when it could not be found out', async () => {
    let broken = true;
    const fabric = {
      path: async () => {
        if (broken) throw new Error('database away');
        return OPEN;
      },
    } as unknown as NetworkFabric;
    const paths = createFabricPaths(fabric, world.reader);
    await expect(paths.of(PLACE, store('eni-1'), MEMBER)).rejects.toThrow('database away');
    broken = false;
    expect(await paths.of(PLACE, store('eni-1'), MEMBER)).toMatchObject({ open: true });
  });
});
