import { beforeEach, describe, expect, it } from 'vitest';
import type { ConnectionErrorCode, KeyStoreRecord } from '../../src/domain/kms/key-store.ts';
import { fail } from '../../src/errors/fault.ts';
import type { ErrorCode } from '../../src/errors/table.ts';
import { type Connected, connect } from '../../src/keystore/connect/connect.ts';
import { ConnectFailure, Superseded } from '../../src/keystore/connect/failure.ts';
import { CONNECT_STEPS, type ConnectStep } from '../../src/keystore/connect/steps.ts';
import { takeBack } from '../../src/keystore/connect/take-back.ts';
import { makeOwner } from '../support/owner.ts';
import { Crash, FakeCloud, PLACE } from './fake-cloud.ts';

let cloud: FakeCloud;
beforeEach(() => {
  cloud = new FakeCloud();
});

function run(store: KeyStoreRecord = cloud.store, before: (step: ConnectStep) => void = () => {}): Promise<Connected> {
  return connect({ ports: cloud.ports(), place: PLACE, store }, async (step) => before(step));
}

async function failure(attempt: Promise<unknown>): Promise<ConnectFailure> {
  try {
    await attempt;
  } catch (error) {
    if (error instanceof ConnectFailure) return error;
    throw error;
  }
  throw new Error('it connected');
}

const RULES = [
  'egress 2225/2225 10.0.1.10/32',
  'egress 2225/2225 10.0.2.10/32',
  'ingress 2223/2225 10.0.1.0/24',
  'ingress 2223/2225 10.0.2.0/24',
];

/** One group with its rules, one attached interface in each vSwitch, nothing twice. */
function expectWhole(result: Connected): void {
  expect([...cloud.groups.values()].map((group) => [...group.rules].sort())).toEqual([RULES]);
  expect([...cloud.enis.values()].map((eni) => [eni.vSwitchId, eni.attached]).sort()).toEqual([
    ['vsw-1', true],
    ['vsw-2', true],
  ]);
  expect(result).toEqual({
    network: {
      vpcId: 'vpc-1',
      vSwitchIds: ['vsw-1', 'vsw-2'],
      zoneIds: ['cn-hangzhou-a', 'cn-hangzhou-b'],
      securityGroupId: [...cloud.groups.keys()][0],
      interfaces: [...cloud.enis.values()]
        .sort((a, b) => (a.vSwitchId < b.vSwitchId ? -1 : 1))
        .map((eni) => ({
          networkInterfaceId: eni.id,
          vSwitchId: eni.vSwitchId,
          privateIp: eni.ip,
          permissionId: eni.permission,
        })),
    },
    members: [
      { instanceId: 'hsm-1', ip: '10.0.1.10' },
      { instanceId: 'hsm-2', ip: '10.0.2.10' },
    ],
    leftOver: [],
  });
}

describe('connecting a key store', () => {
  it('makes the calls of the specification, in its order', async () => {
    const steps: string[] = [];
    expectWhole(await run(cloud.store, (step) => steps.push(step)));
    expect(steps).toEqual(CONNECT_STEPS);
    expect(cloud.calls).toEqual([
      'AssumeRole',
      'DescribeClusters',
      'DescribeInstances',
      'DescribeVpcs',
      'DescribeVSwitches',
      'DescribeSecurityGroups',
      'DescribeNetworkInterfaces',
      'CreateSecurityGroup',
      'DescribeSecurityGroupAttribute',
      'AuthorizeSecurityGroup',
      'AuthorizeSecurityGroup',
      'AuthorizeSecurityGroupEgress',
      'AuthorizeSecurityGroupEgress',
      'CreateNetworkInterface',
      'CreateNetworkInterface',
      'DescribeNetworkInterfaces',
      'CreateNetworkInterfacePermission',
      'CreateNetworkInterfacePermission',
      '(attach)',
      '(attach)',
      '(dial hsm-1)',
      '(dial hsm-2)',
      '(login hsm-1)',
      '(self-test hsm-1)',
      '(login hsm-2)',
      '(self-test hsm-2)',
    ]);
  });

  it('makes nothing new when all is there', async () => {
    await run();
    cloud.calls.length = 0;
    expectWhole(await run());
    expect(cloud.calls.filter((call) => /^(Create(?!.*Permission)|Authorize)/.test(call))).toEqual([]);
  });

  it('goes on from whatever a crash left, at whichever call it came', async () => {
    await run();
    const total = cloud.calls.length;
    expect(total).toBeGreaterThan(20);
    for (let at = 1; at <= total; at += 1) {
      for (const when of ['before', 'after'] as const) {
        cloud = new FakeCloud();
        cloud.before = (_name, count) => {
          // After a call: the crash comes when the next one begins.
          if (count === (when === 'before' ? at : at + 1)) throw new Crash();
        };
        await run().catch(() => {});
        cloud.before = () => {};
        expectWhole(await run());
      }
    }
  });

  it.each(CONNECT_STEPS)('stops before %s when it is overtaken', async (step) => {
    let callsBefore = 0;
    const attempt = run(cloud.store, (next) => {
      if (next !== step) return;
      callsBefore = cloud.calls.length;
      throw new Superseded();
    });
    await expect(attempt).rejects.toBeInstanceOf(Superseded);
    expect(cloud.calls).toHaveLength(callsBefore);
  });

  it('is content with one usable HSM, and keeps what is wrong with the other', async () => {
    cloud.hsms.get('hsm-1')!.login = 'UserNotFound';
    expect((await run()).members).toEqual([
      { instanceId: 'hsm-1', ip: '10.0.1.10', problem: 'UserNotFound' },
      { instanceId: 'hsm-2', ip: '10.0.2.10' },
    ]);
    cloud.hsms.get('hsm-1')!.login = undefined;
    cloud.dead.add('hsm-2');
    expect((await run()).members[1]).toMatchObject({ problem: 'NetworkErrors' });
  });

  it.each(['InvalidCredentials', 'UserLockedOut'] as const)(
    'tries no password on a second HSM after %s',
    async (code) => {
      cloud.hsms.get('hsm-1')!.login = code;
      expect(await failure(run())).toMatchObject({ code, passing: false });
      expect(cloud.hsms.get('hsm-1')!.logins).toBe(1);
      expect(cloud.hsms.get('hsm-2')!.logins).toBe(0);
    },
  );

  it('shows the password to no HSM that does not prove itself', async () => {
    const stranger = { ...cloud.store, securityDomainCertificate: makeOwner().certificate };
    expect(await failure(run(stranger))).toMatchObject({ code: 'SecurityDomainCertificateMismatch' });
    expect(cloud.calls.some((call) => call.startsWith('(login'))).toBe(false);
  });

  const conditions: readonly (readonly [string, (world: FakeCloud) => unknown, ConnectionErrorCode, boolean])[] = [
    ['there is no role', (world) => Object.assign(world, { roleThere: false }), 'ServiceLinkedRoleNotFound', false],
    ['the cluster is gone', (world) => Object.assign(world, { clusterThere: false }), 'ClusterNotFound', false],
    ['its master left', (world) => Object.assign(world, { clusterStatus: 'TO_DELETE' }), 'ClusterNotFound', false],
    ['it is new', (world) => Object.assign(world, { clusterStatus: 'NEW' }), 'ClusterNotInitialized', false],
    ['no HSM is in it', (world) => world.hsms.clear(), 'InsufficientHsms', false],
    [
      'all HSMs are paused',
      (world) => {
        for (const hsm of world.hsms.values()) hsm.status = 2;
      },
      'InsufficientHsms',
      false,
    ],
    ['the VPC is gone', (world) => Object.assign(world, { vpcThere: false }), 'NetworkErrors', false],
    ['a vSwitch is gone', (world) => world.vSwitches.delete('vsw-2'), 'VSwitchNotFound', false],
    [
      'a vSwitch is full',
      (world) => {
        world.vSwitches.get('vsw-2')!.free = 0;
      },
      'InsufficientFreeAddresses',
      false,
    ],
    [
      'kmsuser is on no HSM',
      (world) => {
        for (const hsm of world.hsms.values()) hsm.login = 'UserNotFound';
      },
      'UserNotFound',
      false,
    ],
    [
      'no HSM answers',
      (world) => {
        world.dead.add('hsm-1').add('hsm-2');
      },
      'NetworkErrors',
      true,
    ],
    [
      'one HSM is dead and the other has no kmsuser',
      (world) => {
        world.dead.add('hsm-1');
        world.hsms.get('hsm-2')!.login = 'UserNotFound';
      },
      'UserNotFound',
      true,
    ],
  ];
  it.each(conditions)('fails when %s', async (_, arrange, code, passing) => {
    arrange(cloud);
    expect(await failure(run())).toMatchObject({ code, passing });
  });

  it('leaves nothing behind where it can know so beforehand', async () => {
    cloud.vSwitches.get('vsw-2')!.free = 0;
    await failure(run());
    expect([cloud.groups.size, cloud.enis.size]).toEqual([0, 0]);
  });

  it('needs no address in a vSwitch where its interface is', async () => {
    await run();
    cloud.vSwitches.get('vsw-2')!.free = 0;
    expectWhole(await run());
  });

  const faults: readonly (readonly [ErrorCode, ConnectionErrorCode, boolean])[] = [
    ['InternalError', 'InternalError', true],
    ['ServiceUnavailable', 'InternalError', true],
    ['Throttling.User', 'InternalError', true],
    ['InvalidOperation.InvalidEniState', 'InternalError', true],
    ['DependencyViolation', 'InternalError', true],
    ['InvalidEniId.NotFound', 'InternalError', true],
    ['InvalidSecurityGroupId.NotFound', 'InternalError', true],
    ['InvalidVSwitchId.NotFound', 'VSwitchNotFound', false],
    ['InvalidVpcID.NotFound', 'VSwitchNotFound', false],
    ['InvalidVSwitchId.IpNotEnough', 'InsufficientFreeAddresses', false],
    ['Forbidden.RAM', 'ServiceLinkedRoleNotFound', false],
    ['NoPermission', 'ServiceLinkedRoleNotFound', false],
    ['InvalidSecurityToken.Expired', 'ServiceLinkedRoleNotFound', false],
  ];
  it.each(faults)('takes %s of any call for %s', async (code, expected, passing) => {
    await run();
    const names = [...new Set(cloud.calls.filter((call) => !call.startsWith('(') && call !== 'AssumeRole'))];
    for (const name of names) {
      cloud = new FakeCloud();
      cloud.before = (call) => {
        if (call === name) throw fail(code);
      };
      expect(await failure(run())).toMatchObject({ code: expected, passing });
    }
  });
});

describe('taking the network parts back', () => {
  const back = (store: KeyStoreRecord): Promise<readonly string[]> =>
    takeBack({
      ports: { services: cloud.services, fabric: cloud.fabric },
      place: PLACE,
      store,
      before: async () => {},
    });

  it('goes in the reverse order, and tells what the role may not remove', async () => {
    const { network } = await run();
    cloud.calls.length = 0;
    const left = await back({ ...cloud.store, network });
    expect(left).toEqual([...cloud.enis.keys(), ...cloud.groups.keys()]);
    expect([...cloud.enis.values()].map((eni) => [eni.attached, eni.permission])).toEqual([
      [false, undefined],
      [false, undefined],
    ]);
    expect([...cloud.groups.values()].map((group) => group.rules.size)).toEqual([0]);
    const kinds = cloud.calls.filter((call, at) => call !== cloud.calls[at - 1]);
    expect(kinds).toEqual([
      '(detach)',
      'AssumeRole',
      'DescribeSecurityGroups',
      'DescribeNetworkInterfaces',
      ...Array.from({ length: 2 }, () => [
        '(detach)',
        'DeleteNetworkInterfacePermission',
        'DeleteNetworkInterface',
      ]).flat(),
      'DescribeSecurityGroupAttribute',
      'RevokeSecurityGroup',
      'RevokeSecurityGroupEgress',
      'DeleteSecurityGroup',
    ]);
  });

  it('leaves nothing where the role may remove all', async () => {
    cloud.mayDeleteInterfaces = true;
    const { network } = await run();
    expect(await back({ ...cloud.store, network })).toEqual([]);
    expect([cloud.groups.size, cloud.enis.size]).toEqual([0, 0]);
  });

  it('finds by name what a crash left, permissions included, at whichever call it came', async () => {
    await run();
    const total = cloud.calls.length;
    for (let at = 1; at <= total; at += 1) {
      cloud = new FakeCloud();
      cloud.mayDeleteInterfaces = true;
      cloud.before = (_name, count) => {
        if (count === at) throw new Crash();
      };
      await run().catch(() => {});
      cloud.before = () => {};
      expect(await back(cloud.store)).toEqual([]);
      expect([cloud.groups.size, cloud.enis.size]).toEqual([0, 0]);
    }
  });

  it('uses again at the next connect what it had to leave, however often', async () => {
    for (let round = 0; round < 4; round += 1) {
      const result = await run();
      expectWhole(result);
      await back({ ...cloud.store, network: result.network });
    }
    expect([cloud.groups.size, cloud.enis.size]).toEqual([1, 2]);
  });

  it('tells all it knows of when the role is gone, and still lets go of the interfaces', async () => {
    const { network } = await run();
    cloud.roleThere = false;
    const left = await back({ ...cloud.store, network, leftOver: ['eni-old'] });
    expect(left).toEqual(['eni-old', ...cloud.enis.keys(), ...cloud.groups.keys()].sort());
    expect([...cloud.enis.values()].some((eni) => eni.attached)).toBe(false);
  });

  it('takes parts that are gone for removed', async () => {
    cloud.mayDeleteInterfaces = true;
    const { network } = await run();
    cloud.before = (name) => {
      if (name === 'DeleteNetworkInterface') throw fail('InvalidEniId.NotFound');
      if (name === 'DeleteSecurityGroup') throw fail('InvalidSecurityGroupId.NotFound');
    };
    expect(await back({ ...cloud.store, network })).toEqual([]);
  });

  it('passes on what may pass by itself', async () => {
    const { network } = await run();
    cloud.before = (name) => {
      if (name === 'DeleteSecurityGroup') throw fail('ServiceUnavailable');
    };
    await expect(back({ ...cloud.store, network })).rejects.toMatchObject({ code: 'ServiceUnavailable' });
  });
});
