/** Key store calls on top of each other: whatever the order, what must hold holds in the end. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ProductName } from '../../src/domain/products.ts';
import type { KmsPorts } from '../../src/operations/kms/_product.ts';
import { type ClusterRig, HSMS, makeCluster, PASSWORD, REGION } from '../keystore/cluster-rig.ts';
import { openTestPipeline, type TestPipeline } from '../support/pipeline.ts';

const ROLE = 'AliyunServiceRoleForKMSKeyStore';

let pipeline: TestPipeline;
let rig: ClusterRig;
beforeAll(async () => {
  const rates = ['symmetric', 'asymmetric', 'management', 'query', 'sts', 'trail'].map((group) => `${group}: 100000`);
  pipeline = await openTestPipeline(`throttle: { ${rates.join(', ')} }\n${HSMS}`);
  rig = await makeCluster(pipeline, pipeline.root);
});
afterAll(() => pipeline.close());

type Values = Record<string, string>;
const call = (product: ProductName, name: string, values: Values = {}) =>
  pipeline.call(pipeline.root, product, name, values);
const code = (product: ProductName, name: string, values: Values = {}) =>
  pipeline.codeOf(pipeline.root, product, name, values);

const wish = (KeyStoreName: string): Values => ({
  KeyStoreName,
  HsmClusterId: rig.clusterId,
  KeyStorePassword: PASSWORD,
  SecurityDomainCertificate: rig.owner.certificate,
});

async function onlyStore(): Promise<string> {
  const { KeyStores } = (await call('Kms', 'DescribeKeyStores')) as {
    KeyStores: { KeyStore: { KeyStoreId: string }[] };
  };
  expect(KeyStores.KeyStore).toHaveLength(1);
  return KeyStores.KeyStore[0]!.KeyStoreId;
}

async function settled(KeyStoreId: string): Promise<string> {
  return vi.waitUntil(
    async () => {
      const { KeyStore } = (await call('Kms', 'DescribeKeyStore', { KeyStoreId })) as {
        KeyStore: { ConnectionState: string };
      };
      return KeyStore.ConnectionState.endsWith('ing') ? undefined : KeyStore.ConnectionState;
    },
    { timeout: 30_000, interval: 20 },
  );
}

async function count(name: string, list: string, item: string): Promise<number> {
  const answer = await call('Ecs', name, { RegionId: REGION });
  return ((answer[list] as Record<string, unknown[]>)[item] ?? []).length;
}

describe('creators at once', () => {
  it('one store, one role, and refusals that say why', async () => {
    const names = ['one', 'one', 'two', 'three', 'four'];
    const codes = await Promise.all(names.map((name) => code('Kms', 'CreateKeyStore', wish(name))));
    expect(codes.filter((one) => one === 'OK')).toHaveLength(1);
    for (const one of codes) expect(['OK', 'Rejected.ResourceExist', 'Rejected.HsmClusterInUse']).toContain(one);
    const { Roles } = (await call('Ram', 'ListRoles')) as { Roles: { Role: { RoleName: string }[] } };
    expect(Roles.Role.map((role) => role.RoleName)).toEqual([ROLE]);
    await call('Kms', 'DeleteKeyStore', { KeyStoreId: await onlyStore() });
  });

  it('never a store without its role, however its deletion falls', async () => {
    for (let round = 0; round < 12; round += 1) {
      const deleting = async (): Promise<string> => {
        for (let turn = 0; turn < round % 6; turn += 1) await new Promise((resolve) => setImmediate(resolve));
        if ((await code('Ram', 'GetRole', { RoleName: ROLE })) !== 'OK') return 'none';
        const { DeletionTaskId } = (await call('Ram', 'DeleteServiceLinkedRole', { RoleName: ROLE })) as Values;
        return vi.waitUntil(
          async () => {
            const values = { DeletionTaskId: DeletionTaskId! };
            const { Status } = (await call('Ram', 'GetServiceLinkedRoleDeletionStatus', values)) as Values;
            return ['NOT_STARTED', 'IN_PROGRESS'].includes(Status!) ? undefined : Status!;
          },
          { timeout: 30_000, interval: 20 },
        );
      };
      const [made, deleted] = await Promise.all([code('Kms', 'CreateKeyStore', wish(`race-${round}`)), deleting()]);
      expect(['OK', 'Forbidden.RamRoleNotFound']).toContain(made);
      expect(['none', 'SUCCEEDED', 'FAILED']).toContain(deleted);
      if (made !== 'OK') continue;
      const KeyStoreId = await onlyStore();
      expect(await code('Ram', 'GetRole', { RoleName: ROLE }), `deletion ${deleted}`).toBe('OK');
      await call('Kms', 'DeleteKeyStore', { KeyStoreId });
    }
  });
});

describe('connecting and disconnecting on top of each other', () => {
  it('ends where the last call said, with one group and one interface for each vSwitch', async () => {
    await call('Kms', 'CreateKeyStore', wish('storm'));
    const KeyStoreId = await onlyStore();
    const connect = () => code('Kms', 'ConnectKeyStore', { KeyStoreId });
    const disconnect = () => code('Kms', 'DisconnectKeyStore', { KeyStoreId });
    for (let round = 0; round < 5; round += 1) {
      expect(await Promise.all([connect(), connect(), connect()])).toEqual(['OK', 'OK', 'OK']);
      await new Promise((resolve) => setTimeout(resolve, round * 40));
      for (const name of ['DeleteKeyStore', 'UpdateKeyStore']) {
        const values = { KeyStoreId, KeyStorePassword: PASSWORD };
        expect(await code('Kms', name, values)).toBe('Rejected.KeyStoreStateInvalid');
      }
      const codes = await Promise.all([disconnect(), disconnect(), disconnect()]);
      expect(codes.toSorted()).toEqual(['OK', 'Rejected.KeyStoreStateInvalid', 'Rejected.KeyStoreStateInvalid']);
      expect(await settled(KeyStoreId)).toBe('Disconnected');
    }
    await connect();
    expect(await settled(KeyStoreId)).toBe('Connected');
    expect(await count('DescribeSecurityGroups', 'SecurityGroups', 'SecurityGroup')).toBe(1);
    expect(await count('DescribeNetworkInterfaces', 'NetworkInterfaceSets', 'NetworkInterfaceSet')).toBe(2);
  });

  it('every key whose making was answered can be used after a reconnect', async () => {
    const KeyStoreId = await onlyStore();
    const made: string[] = [];
    const making = Array.from({ length: 15 }, async (_, at) => {
      await new Promise((resolve) => setTimeout(resolve, at * 5));
      try {
        const answer = await call('Kms', 'CreateKey', { DKMSInstanceId: KeyStoreId });
        made.push((answer.KeyMetadata as { KeyId: string }).KeyId);
        return 'OK';
      } catch (error) {
        return (error as { code?: string }).code ?? String(error);
      }
    });
    await making[0];
    await call('Kms', 'DisconnectKeyStore', { KeyStoreId });
    // Which refusal it is depends on how far the disconnect had come: state, sessions of some members, of all.
    const refusals = ['Rejected.KeyStoreDisconnected', 'Rejected.InsufficientHsms', 'ServiceUnavailableTemporary'];
    for (const outcome of await Promise.all(making)) expect(['OK', ...refusals]).toContain(outcome);
    await settled(KeyStoreId);
    expect(await code('Kms', 'Encrypt', { KeyId: made[0]!, Plaintext: 'x' })).toBe('Rejected.KeyStoreDisconnected');
    await call('Kms', 'ConnectKeyStore', { KeyStoreId });
    expect(await settled(KeyStoreId)).toBe('Connected');
    const { Keys } = (await call('Kms', 'ListKeys', { PageSize: '100' })) as { Keys: { Key: { KeyId: string }[] } };
    expect(Keys.Key.map((key) => key.KeyId).toSorted()).toEqual(made.toSorted());
    for (const KeyId of made) expect(await code('Kms', 'Encrypt', { KeyId, Plaintext: 'x' })).toBe('OK');
  });
});

describe('a store that was reconnected while a key was being made in it', () => {
  it('does not get that key: it may have another cluster by now', async () => {
    const KeyStoreId = await onlyStore();
    const { backends } = pipeline.coffer.pipeline.ports.portsOf('Kms') as KmsPorts;
    const real = backends.store.bind(backends);
    vi.spyOn(backends, 'store').mockImplementationOnce((place, store) => {
      const backend = real(place, store);
      return {
        ...backend,
        generate: async (bits, home) => {
          const material = await backend.generate(bits, home);
          await call('Kms', 'DisconnectKeyStore', { KeyStoreId });
          await settled(KeyStoreId);
          await call('Kms', 'ConnectKeyStore', { KeyStoreId });
          expect(await settled(KeyStoreId)).toBe('Connected');
          return material;
        },
      };
    });
    expect(await code('Kms', 'CreateKey', { DKMSInstanceId: KeyStoreId })).toBe('ServiceUnavailableTemporary');
    expect(await code('Kms', 'CreateKey', { DKMSInstanceId: KeyStoreId })).toBe('OK');
  });
});

describe('the clock moved while connecting', () => {
  it('past the end of the session KMS acts in: it takes another, and the store connects', async () => {
    const KeyStoreId = await onlyStore();
    await call('Kms', 'DisconnectKeyStore', { KeyStoreId });
    await settled(KeyStoreId);
    await call('Kms', 'ConnectKeyStore', { KeyStoreId });
    await call('Coffer', 'AdvanceClock', { Seconds: '7200' });
    expect(await settled(KeyStoreId)).toBe('Connected');
  });
});
