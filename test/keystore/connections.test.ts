import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../src/core/time.ts';
import type { KeyBackends } from '../../src/domain/kms/backend.ts';
import { KEY_STORES, type KeyStoreRecord } from '../../src/domain/kms/key-store.ts';
import type { Storage } from '../../src/domain/storage.ts';
import { type Connections, createConnections } from '../../src/keystore/connect/connections.ts';
import { Superseded } from '../../src/keystore/connect/failure.ts';
import { CONNECT_STEPS } from '../../src/keystore/connect/steps.ts';
import { type ConnectionTask, moveStore } from '../../src/keystore/move-store.ts';
import { processTimers } from '../../src/keystore/timers.ts';
import { openStorage } from '../../src/storage/open.ts';
import { Crash, FakeCloud, PLACE } from './fake-cloud.ts';

const START = new Date('2026-03-01T08:00:00Z').getTime();
const LEASE_MS = 60_000;

/** A node: its tasks over one database and one cloud, with a clock the test moves. */
class Node {
  readonly closed: string[] = [];
  readonly errors: string[] = [];
  readonly storage: Storage;
  readonly cloud: FakeCloud;
  now = START;
  readonly clock: Clock = { now: () => new Date(this.now), wall: () => new Date(this.now) };
  connections: Connections;

  constructor(storage: Storage, cloud: FakeCloud) {
    this.storage = storage;
    this.cloud = cloud;
    this.connections = this.freshConnections();
  }

  freshConnections(): Connections {
    const { sealer, devices, services, fabric, paths } = { ...this.cloud.ports() };
    return createConnections({
      read: this.storage.reader,
      timers: processTimers,
      sealer,
      devices,
      services,
      fabric,
      paths,
      random: { bytes: (count) => randomBytes(count) },
      backends: {
        close: async (_place, id) => {
          this.closed.push(id);
        },
        health: async () => ({ total: 2, available: 2 }),
      } as Partial<KeyBackends> as KeyBackends,
      log: { error: (_fields, message) => this.errors.push(message) },
    });
  }

  async store(): Promise<KeyStoreRecord> {
    const store = await this.storage.reader.get(KEY_STORES, PLACE, this.cloud.store.keyStoreId);
    if (store === undefined) throw new Error('no store');
    return store;
  }

  async order(event: 'connect' | 'disconnect'): Promise<void> {
    await this.storage.transaction(async (tx) => {
      const store = await tx.get(KEY_STORES, PLACE, this.cloud.store.keyStoreId);
      await moveStore(tx, PLACE, store!, event, { at: this.now });
    });
  }

  /** Runs the tasks that are due now, once; how many there were. A {@link Crash} leaves its task leased. */
  async sweep(): Promise<number> {
    const request = { now: this.clock.now(), wall: this.clock.wall(), leaseMs: LEASE_MS, limit: 8 };
    const claimed = await this.storage.claimTasks(request);
    await Promise.all(
      claimed.map(async (task) => {
        const handler = this.connections.tasks.find((one) => one.type === task.type)!;
        const context = {
          taskId: task.id,
          place: task.place,
          attempt: task.attempt,
          clock: this.clock,
          storage: this.storage,
          read: this.storage.reader,
        };
        const outcome = await handler.run(context, task.payload as ConnectionTask);
        if (outcome.end === 'again') await task.retry(outcome.due);
        else
          await this.storage.transaction(async (tx) => void ((await task.finish(tx)) && (await outcome.commit?.(tx))));
      }),
    );
    return claimed.length;
  }

  /** Runs tasks, moving the clock to each when it is due, until none is left; how many runs that were. */
  async settle(): Promise<number> {
    let runs = 0;
    for (;;) {
      const due = await this.storage.nextTaskDue();
      if (due === undefined) return runs;
      this.now = Math.max(this.now, due.getTime());
      runs += await this.sweep();
    }
  }

  async events(): Promise<Record<string, unknown>[]> {
    const start = new Date(START - 1000);
    const end = new Date(this.now + 1000);
    const query = { account: PLACE.account, start, end, direction: 'FORWARD', filters: [], limit: 50 } as const;
    const { events } = await this.storage.lookupEvents(query);
    return events.map(({ eventName, errorCode, additionalEventData, eventType }) => ({
      eventName,
      eventType,
      ...(errorCode === undefined ? {} : { errorCode }),
      ...additionalEventData,
    }));
  }
}

describe('the tasks of a key store', () => {
  let directory: string;
  let node: Node;
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'coffer-tasks-'));
    const storage = await openStorage({
      kind: 'sqlite',
      directory,
      wall: () => new Date(node?.now ?? START),
      nodeId: 'test',
      transactionWaitMs: 5_000,
    });
    node = new Node(storage, new FakeCloud());
    const record: KeyStoreRecord = { ...node.cloud.store, connection: 'Disconnected', epoch: 0 };
    await storage.transaction((tx) => tx.insert(KEY_STORES, PLACE, record));
  });
  afterEach(async () => {
    await node.storage.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it('connect, disconnect and connect again', async () => {
    await node.order('connect');
    expect(await node.store()).toMatchObject({ connection: 'Connecting', epoch: 1 });
    expect(await node.settle()).toBe(1);
    expect(await node.store()).toMatchObject({
      connection: 'Connected',
      epoch: 1,
      lastConnectedAt: START,
      leftOver: [],
    });
    await node.order('disconnect');
    expect(await node.settle()).toBe(1);
    const parts = [...node.cloud.enis.keys(), ...node.cloud.groups.keys()];
    const disconnected = await node.store();
    expect(disconnected).toMatchObject({ connection: 'Disconnected', epoch: 2, members: [], leftOver: parts });
    expect(disconnected.network).toBeUndefined();
    expect(node.closed).toEqual([node.cloud.store.keyStoreId]);
    await node.order('connect');
    await node.settle();
    expect(await node.store()).toMatchObject({ connection: 'Connected', epoch: 3, leftOver: [] });
    expect(await node.events()).toEqual([
      {
        eventName: 'KeyStoreConnected',
        eventType: 'AliyunServiceEvent',
        HsmClusterId: 'cluster-1',
        HsmNum: 2,
        UsableHsmNum: 2,
      },
      { eventName: 'KeyStoreDisconnected', eventType: 'AliyunServiceEvent', RemainingResources: parts },
      expect.objectContaining({ eventName: 'KeyStoreConnected' }),
    ]);
  });

  it('end at once with the reason when trying again cannot help, and take back what was made', async () => {
    node.cloud.mayDeleteInterfaces = true;
    node.cloud.hsms.get('hsm-1')!.login = 'InvalidCredentials';
    await node.order('connect');
    expect(await node.settle()).toBe(1);
    const failed = await node.store();
    expect(failed).toMatchObject({ connection: 'Failed', connectionErrorCode: 'InvalidCredentials', leftOver: [] });
    expect(failed.connectionErrorMessage).toContain('password of kmsuser is wrong');
    expect([node.cloud.groups.size, node.cloud.enis.size]).toEqual([0, 0]);
    expect(await node.events()).toEqual([
      expect.objectContaining({ eventName: 'KeyStoreConnectFailed', errorCode: 'InvalidCredentials' }),
    ]);
    await node.order('disconnect');
    await node.settle();
    const back = await node.store();
    expect(back.connection).toBe('Disconnected');
    expect(back.connectionErrorCode).toBeUndefined();
  });

  it('try again what may pass, for a minute', async () => {
    node.cloud.dead.add('hsm-1').add('hsm-2');
    await node.order('connect');
    const runs = await node.settle();
    expect(runs).toBeGreaterThan(10);
    expect(node.now - START).toBeGreaterThanOrEqual(60_000);
    expect(node.now - START).toBeLessThan(70_000);
    expect(await node.store()).toMatchObject({ connection: 'Failed', connectionErrorCode: 'NetworkErrors' });
    expect(node.cloud.enis.size).toBe(2);
  });

  it('connect as soon as what was in the way has passed', async () => {
    node.cloud.dead.add('hsm-1').add('hsm-2');
    await node.order('connect');
    await node.sweep();
    expect((await node.store()).connection).toBe('Connecting');
    node.cloud.dead.clear();
    expect(await node.settle()).toBe(1);
    expect((await node.store()).connection).toBe('Connected');
  });

  it.each([...CONNECT_STEPS.keys()])('let a disconnect win that comes in the middle of connecting (%d)', async (at) => {
    node.cloud.mayDeleteInterfaces = true;
    // In the middle of the calls, spread over all steps.
    const call = 2 * at + 1;
    let ordered: Promise<unknown> | undefined;
    node.cloud.before = (_name, count) => {
      if (count === call) ordered ??= node.order('disconnect').then(() => node.sweep());
    };
    await node.order('connect');
    await node.sweep();
    await ordered;
    await node.settle();
    expect(await node.store()).toMatchObject({ connection: 'Disconnected', epoch: 2, leftOver: [] });
    expect([node.cloud.groups.size, node.cloud.enis.size]).toEqual([0, 0]);
    expect((await node.events()).map((event) => event.eventName)).toEqual(['KeyStoreDisconnected']);
  });

  it('take no notice of an attempt of an earlier epoch, even when the store is Connecting again', async () => {
    let release: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow = node.cloud.devices.dial;
    let first = true;
    Object.assign(node.cloud.devices, {
      dial: async (...args: Parameters<typeof slow>) => {
        if (first) {
          first = false;
          await gate;
        }
        return slow(...args);
      },
    });
    await node.order('connect');
    const stuck = node.sweep();
    while (first) await new Promise((resolve) => setImmediate(resolve));
    // Another node disconnects and is asked to connect again.
    node.connections = node.freshConnections();
    await node.order('disconnect');
    await node.sweep();
    expect((await node.store()).connection).toBe('Disconnected');
    await node.order('connect');
    release();
    await stuck;
    expect(await node.store()).toMatchObject({ connection: 'Connecting', epoch: 3 });
    await node.settle();
    expect(await node.store()).toMatchObject({ connection: 'Connected', epoch: 3 });
    const connected = (await node.events()).filter((event) => event.eventName === 'KeyStoreConnected');
    expect(connected).toHaveLength(1);
  });

  it('go on after a crash once the lease has run out; a disconnect need not wait for that', async () => {
    for (const way of ['lease', 'disconnect'] as const) {
      await node.order('connect');
      const until = node.cloud.calls.length + 15;
      node.cloud.before = (_name, count) => {
        if (count >= until) throw new Crash();
      };
      // The dead process commits nothing: only its calls have happened.
      const request = { now: node.clock.now(), wall: node.clock.wall(), leaseMs: LEASE_MS, limit: 8 };
      const [task] = await node.storage.claimTasks(request);
      expect(task).toBeDefined();
      const handler = node.connections.tasks.find((one) => one.type === task!.type)!;
      const { storage, clock } = node;
      await handler
        .run(
          { taskId: task!.id, place: PLACE, attempt: 1, clock, storage, read: storage.reader },
          task!.payload as ConnectionTask,
        )
        .catch(() => {});
      node.cloud.before = () => {};
      node.connections = node.freshConnections();
      expect(node.cloud.enis.size).toBeGreaterThan(0);
      if (way === 'lease') {
        expect(await node.sweep()).toBe(0);
        node.now += LEASE_MS + 1;
        await node.sweep();
        expect(await node.store()).toMatchObject({ connection: 'Connected', leftOver: [] });
      } else {
        await node.order('disconnect');
        await node.sweep();
        expect((await node.store()).connection).toBe('Disconnected');
        await node.order('connect');
        await node.sweep();
        expect(await node.store()).toMatchObject({ connection: 'Connected', leftOver: [] });
        node.now += LEASE_MS + 1;
        // The task of the dead process is claimed after all, and finds that it no longer counts.
        await node.sweep();
        expect((await node.store()).connection).toBe('Connected');
      }
      expect([node.cloud.groups.size, node.cloud.enis.size]).toEqual([1, 2]);
      await node.order('disconnect');
      await node.settle();
    }
  });

  it('do not hang in Disconnecting when services stay away', async () => {
    await node.order('connect');
    await node.settle();
    const parts = [...node.cloud.enis.keys(), ...node.cloud.groups.keys()].sort();
    node.cloud.before = (name) => {
      if (name === 'DescribeSecurityGroups') throw new Error('broken');
    };
    await node.order('disconnect');
    await node.settle();
    expect(await node.store()).toMatchObject({ connection: 'Disconnected', leftOver: parts });
    expect(node.errors).toHaveLength(1);
  });

  it('let a deletion clear away only what no connect may need', async () => {
    await node.order('connect');
    await node.settle();
    await node.order('disconnect');
    await node.settle();
    const disconnected = await node.store();
    await node.order('connect');
    await expect(node.connections.clearAway(PLACE, disconnected)).rejects.toBeInstanceOf(Superseded);
    await node.settle();
    await expect(node.connections.clearAway(PLACE, disconnected)).rejects.toBeInstanceOf(Superseded);
    expect([...node.cloud.enis.values()].map((eni) => eni.attached)).toEqual([true, true]);
  });

  it.each([1, 2, 3, 4, 5, 6, 7])('connect well when a deletion had begun to clear away (call %d)', async (at) => {
    node.cloud.mayDeleteInterfaces = at % 2 === 0;
    await node.order('connect');
    await node.settle();
    // The disconnect finds nothing out, so that all is left for the deletion to find.
    node.cloud.before = (name) => {
      if (name === 'AssumeRole') throw new Error('away');
    };
    await node.order('disconnect');
    await node.settle();
    const until = node.cloud.calls.length + at;
    let connecting: Promise<unknown> | undefined;
    node.cloud.before = async (_name, count) => {
      if (count !== until || connecting !== undefined) return;
      await node.order('connect');
      connecting = node.sweep();
      // Time enough to connect, for a connect that does not wait for its turn.
      for (let turn = 0; turn < 300; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    };
    const clearing = node.connections.clearAway(PLACE, await node.store());
    await expect(clearing).rejects.toBeInstanceOf(Superseded);
    await connecting;
    await node.settle();
    expect(await node.store()).toMatchObject({ connection: 'Connected', epoch: 3 });
    const { network } = await node.store();
    const used = network!.interfaces.map((one) => node.cloud.enis.get(one.networkInterfaceId)!);
    expect(used.map((eni) => [eni.attached, eni.permission !== undefined])).toEqual([
      [true, true],
      [true, true],
    ]);
    expect(node.cloud.groups.get(network!.securityGroupId!)!.rules.size).toBeGreaterThan(0);
  });

  it('fail with the role’s own code when it is gone, and tell what stays', async () => {
    await node.order('connect');
    await node.settle();
    node.cloud.roleThere = false;
    await node.order('disconnect');
    await node.settle();
    expect((await node.store()).leftOver).toHaveLength(3);
    await node.order('connect');
    await node.settle();
    const failed = await node.store();
    expect(failed).toMatchObject({ connection: 'Failed', connectionErrorCode: 'ServiceLinkedRoleNotFound' });
    expect(failed.leftOver).toHaveLength(3);
  });
});
