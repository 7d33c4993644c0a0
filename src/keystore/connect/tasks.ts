import type { Random } from '../../core/random.ts';
import type { KeyBackends } from '../../domain/kms/backend.ts';
import { KEY_STORES, type KeyStoreRecord } from '../../domain/kms/key-store.ts';
import { KEY_STORE_SERVICE } from '../../domain/kms/key-store-role.ts';
import { type ServiceDeed, serviceEvent } from '../../domain/service-event.ts';
import type { TaskContext, TaskHandler, TaskOutcome } from '../../domain/tasks.ts';
import type { ServiceClient } from '../../operation/service-client.ts';
import { CONNECT_TASK, type ConnectionTask, DISCONNECT_TASK, moveStore } from '../move-store.ts';
import type { MemberPorts } from '../open-member.ts';
import { type Attempt, CONNECT_LIMITS, type ConnectLimits, type ConnectPorts } from './attempt.ts';
import { type Connected, connect } from './connect.ts';
import { ConnectFailure, Superseded } from './failure.ts';
import { Serial } from './serial.ts';
import { knownParts, takeBack } from './take-back.ts';

interface ConnectionLog {
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

export interface ConnectionTasksOptions extends MemberPorts {
  readonly services: ServiceClient;
  readonly fabric: ConnectPorts['fabric'];
  readonly backends: KeyBackends;
  readonly random: Random;
  readonly log: ConnectionLog;
  readonly limits?: Partial<ConnectLimits>;
}

/** The durable tasks behind ConnectKeyStore and DisconnectKeyStore: one task for each epoch of a store's connection. */
export function createConnectionTasks(options: ConnectionTasksOptions): readonly TaskHandler<ConnectionTask>[] {
  const { backends, random, log } = options;
  const limits = { ...CONNECT_LIMITS, ...options.limits };
  // On one node, an attempt to connect has stopped before the disconnect that overtook it begins to take things back.
  // Between nodes the epoch does: an overtaken attempt stops before its next step, and what it still makes carries the
  // store's name and is found by the next connect or by the deletion.
  const serial = new Serial();

  const deed = (context: TaskContext, store: KeyStoreRecord, name: string, more: Pick<ServiceDeed, 'data' | 'error'>) =>
    serviceEvent(
      {
        product: 'Kms',
        name,
        place: context.place,
        at: context.clock.now(),
        service: KEY_STORE_SERVICE,
        resources: { 'ACS::KMS::KeyStore': [store.keyStoreId] },
        ...more,
      },
      random,
    );

  /** The store while it is in the state and epoch that the task is for. */
  const current = async (
    read: Pick<TaskContext['read'], 'get'>,
    { place }: TaskContext,
    task: ConnectionTask,
    connection: KeyStoreRecord['connection'],
  ): Promise<KeyStoreRecord | undefined> => {
    const store = await read.get(KEY_STORES, place, task.keyStoreId);
    return store?.epoch === task.epoch && store.connection === connection ? store : undefined;
  };

  const again = ({ clock, attempt }: TaskContext): TaskOutcome => {
    const [first, last] = limits.retryMs;
    const wait = Math.min(last, first * 2 ** Math.min(attempt - 1, 20));
    return { end: 'again', due: new Date(clock.now().getTime() + wait) };
  };

  const timeLeft = ({ clock }: TaskContext, store: KeyStoreRecord): boolean =>
    clock.now().getTime() - store.connectionChangedAt < limits.overallMs;

  const established = (context: TaskContext, task: ConnectionTask, result: Connected): TaskOutcome => ({
    end: 'done',
    commit: async (tx) => {
      const store = await current(tx, context, task, 'Connecting');
      if (store === undefined) return;
      const news = { at: context.clock.now().getTime() };
      const next = await moveStore(tx, context.place, store, 'established', news, result);
      const data = {
        HsmClusterId: store.hsmClusterId,
        HsmNum: result.members.length,
        UsableHsmNum: result.members.filter((member) => member.problem === undefined).length,
      };
      await tx.audit(deed(context, store, 'KeyStoreConnected', { data }));
      // The first calls shall find links open; whatever goes wrong here shows up in them.
      tx.afterCommit(() => void backends.health(context.place, next).catch(() => {}));
    },
  });

  const refused = (
    context: TaskContext,
    task: ConnectionTask,
    failure: ConnectFailure,
    leftOver: readonly string[],
  ): TaskOutcome => ({
    end: 'done',
    commit: async (tx) => {
      const store = await current(tx, context, task, 'Connecting');
      if (store === undefined) return;
      const { code, message } = failure;
      const news = { at: context.clock.now().getTime(), error: { code, message } };
      await moveStore(tx, context.place, store, 'refused', news, { leftOver });
      const data = { ConnectionErrorCode: code, RemainingResources: [...leftOver] };
      await tx.audit(deed(context, store, 'KeyStoreConnectFailed', { data, error: { code, message } }));
    },
  });

  /** What stays of a store's network parts, as far as can be found out now; undefined when it is worth another try. */
  const takenBack = async (
    context: TaskContext,
    store: KeyStoreRecord,
    mayRetry: boolean,
  ): Promise<readonly string[] | undefined> => {
    try {
      return await takeBack({ ports: options, place: context.place, store });
    } catch (error) {
      if (mayRetry) return undefined;
      log.error({ err: error, keyStoreId: store.keyStoreId }, 'network parts of a key store could not be taken back');
      return knownParts(store);
    }
  };

  const attemptConnect = async (context: TaskContext, task: ConnectionTask): Promise<TaskOutcome> => {
    const store = await current(context.read, context, task, 'Connecting');
    if (store === undefined) return { end: 'done' };
    const ports: ConnectPorts = { ...options, read: context.read, limits };
    const attempt: Attempt = { ports, place: context.place, store };
    try {
      const result = await connect(attempt, async () => {
        if ((await current(context.read, context, task, 'Connecting')) === undefined) throw new Superseded();
      });
      return established(context, task, result);
    } catch (error) {
      if (error instanceof Superseded) return { end: 'done' };
      if (!(error instanceof ConnectFailure)) throw error;
      if (error.code === 'InternalError') {
        log.error({ err: error.cause ?? error, keyStoreId: store.keyStoreId }, `connecting failed: ${error.message}`);
      }
      if (error.passing && timeLeft(context, store)) return again(context);
      return refused(context, task, error, (await takenBack(context, store, false)) ?? []);
    }
  };

  const disconnect = async (context: TaskContext, task: ConnectionTask): Promise<TaskOutcome> => {
    const store = await current(context.read, context, task, 'Disconnecting');
    if (store === undefined) return { end: 'done' };
    await backends.close(context.place, store.keyStoreId);
    const leftOver = await takenBack(context, store, timeLeft(context, store));
    if (leftOver === undefined) return again(context);
    return {
      end: 'done',
      commit: async (tx) => {
        const now = await current(tx, context, task, 'Disconnecting');
        if (now === undefined) return;
        const news = { at: context.clock.now().getTime() };
        await moveStore(tx, context.place, now, 'detached', news, { leftOver });
        const data = { RemainingResources: [...leftOver] };
        await tx.audit(deed(context, now, 'KeyStoreDisconnected', { data }));
      },
    };
  };

  const inTurn =
    (work: (context: TaskContext, task: ConnectionTask) => Promise<TaskOutcome>): TaskHandler<ConnectionTask>['run'] =>
    (context, task) =>
      serial.run(`${context.place.account}/${context.place.region}/${task.keyStoreId}`, () => work(context, task));

  return [
    { type: CONNECT_TASK, run: inTurn(attemptConnect) },
    { type: DISCONNECT_TASK, run: inTurn(disconnect) },
  ];
}
