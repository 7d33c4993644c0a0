import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { HsmAdmin, HsmDevices } from '../../src/domain/hsm-devices.ts';
import { HsmError } from '../../src/domain/hsm-errors.ts';
import { InstanceClaims } from '../../src/domain/hsm-service/claims.ts';
import { HSM_INSTANCES, type HsmInstanceRecord } from '../../src/domain/hsm-service/instance.ts';
import { HSM_WIPE } from '../../src/domain/hsm-service/wipe-task.ts';
import { createHsmWipe } from '../../src/hsm-tasks/wipe.ts';
import { REGION } from '../network/support.ts';
import { eventually } from '../support/eventually.ts';
import { openTestPipeline, type TestPipeline } from '../support/pipeline.ts';

const DEVICE = 'hsmdev-aaaaaaaaaaaaaaaa';
const INSTANCE = 'hsm-1';

/** The devices of one node, which writes down what is done with them. */
function node(has: 'device' | 'unconfigured' | 'nothing', done: string[]): HsmDevices {
  return {
    devices: () => (has === 'device' ? [DEVICE] : []),
    unconfigured: () => (has === 'unconfigured' ? [{ deviceId: DEVICE, model: 'old' }] : []),
    admin: () => {
      if (has !== 'device') throw new HsmError('DeviceNotFound', DEVICE, 'not here');
      return { zeroise: async () => void done.push('zeroised') } as unknown as HsmAdmin;
    },
    release: async () => void done.push('released'),
  } as Partial<HsmDevices> as HsmDevices;
}

let pipeline: TestPipeline;
let done: string[];
let logged: object[];
beforeAll(async () => {
  pipeline = await openTestPipeline();
});
afterAll(() => pipeline.close());
beforeEach(() => {
  done = [];
  logged = [];
});
const place = () => ({ account: pipeline.account, region: REGION });

async function putInstance(state: HsmInstanceRecord['state']): Promise<void> {
  const record: HsmInstanceRecord = {
    instanceId: INSTANCE,
    model: 'soft',
    vendor: 'softhsm2',
    deviceId: DEVICE,
    serial: DEVICE,
    state,
    initialised: true,
    users: [],
    remark: '',
    whitelist: [],
    createdAt: 0,
  };
  await pipeline.coffer.storage.transaction(async (tx) => {
    await tx.remove(HSM_INSTANCES, place(), INSTANCE);
    await tx.insert(HSM_INSTANCES, place(), record);
  });
}

/** Runs the task as the runner does, on a node of its own. */
async function wipe(
  devices: HsmDevices,
  { onlyNode = true, claims = new InstanceClaims(), meanwhile = async () => {} } = {},
): Promise<string> {
  const { storage, clock } = pipeline.coffer;
  const log = { error: (fields: object, message: string) => void logged.push({ ...fields, message }) };
  const task = createHsmWipe({ devices, log, random: { bytes: (n) => randomBytes(n) }, claims, onlyNode });
  const context = { taskId: HSM_WIPE, place: place(), attempt: 1, clock, storage, read: storage.reader };
  const outcome = await task.run(context, { instanceId: INSTANCE });
  if (outcome.end === 'again') return 'again';
  await meanwhile();
  done.push('commits');
  await storage.transaction(async (tx) => outcome.commit?.(tx));
  return 'done';
}

const stateNow = async () => (await pipeline.coffer.storage.reader.get(HSM_INSTANCES, place(), INSTANCE))?.state;

async function lastEvent(value: string): Promise<Record<string, unknown>> {
  const { events } = await pipeline.coffer.storage.lookupEvents({
    account: pipeline.account,
    start: new Date(0),
    end: new Date(8.64e15),
    direction: 'BACKWARD',
    filters: [{ field: 'EventName', value }],
    limit: 1,
  });
  return events[0]!.additionalEventData!;
}

describe('the wipe of an HSM', () => {
  it('that is given back returns it to the stock once that is committed', async () => {
    await putInstance('INVALID');
    expect(await wipe(node('device', done))).toBe('done');
    expect(done).toEqual(['zeroised', 'commits', 'released']);
    expect(await stateNow()).toBeUndefined();
    expect(await lastEvent('InstanceReleased')).not.toHaveProperty('Wiped');
  });

  it('that cannot be returned to the stock says so, and is over', async () => {
    await putInstance('INVALID');
    const devices = node('device', done);
    const away = new HsmError('DeviceNotFound', DEVICE, 'not here');
    expect(await wipe({ ...devices, release: () => Promise.reject(away) })).toBe('done');
    expect(await stateNow()).toBeUndefined();
    await eventually(() => expect(logged).toMatchObject([{ deviceId: DEVICE, instanceId: INSTANCE, err: away }]));
  });

  it.each(['RESET', 'INVALID'] as const)('in %s waits for a node that has it', async (state) => {
    await putInstance(state);
    await expect(wipe(node('nothing', done), { onlyNode: false })).rejects.toMatchObject({ code: 'DeviceNotFound' });
    expect(await stateNow()).toBe(state);
    expect(await wipe(node('device', done), { onlyNode: false })).toBe('done');
    expect(done).toContain('zeroised');
  });

  it.each(['RESET', 'INVALID'] as const)('in %s waits until its model is configured again', async (state) => {
    await putInstance(state);
    await expect(wipe(node('unconfigured', done))).rejects.toMatchObject({ code: 'DeviceNotFound' });
    expect(await stateNow()).toBe(state);
  });

  it('of which no node has anything is over when it is given back, and the event says what was not done', async () => {
    await putInstance('RESET');
    await expect(wipe(node('nothing', done))).rejects.toMatchObject({ code: 'DeviceNotFound' });
    await putInstance('INVALID');
    expect(await wipe(node('nothing', done))).toBe('done');
    expect(done).toEqual(['commits']);
    expect(await stateNow()).toBeUndefined();
    expect(await lastEvent('InstanceReleased')).toMatchObject({ Wiped: false });
  });

  it('that is given back while it is wiped gives it back', async () => {
    await putInstance('RESET');
    expect(await wipe(node('device', done), { meanwhile: () => putInstance('INVALID') })).toBe('done');
    expect(done).toEqual(['zeroised', 'commits', 'released']);
    expect(await stateNow()).toBeUndefined();
  });

  it('waits for a call that still works on it', async () => {
    await putInstance('RESET');
    const claims = new InstanceClaims();
    const free = claims.take([INSTANCE])!;
    expect(await wipe(node('device', done), { claims })).toBe('again');
    expect(done).toEqual([]);
    free();
    expect(await wipe(node('device', done), { claims })).toBe('done');
    expect(done).toEqual(['zeroised', 'commits']);
    expect(claims.take([INSTANCE]), 'and lets go').toBeTypeOf('function');
  });
});
