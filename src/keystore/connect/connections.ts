import type { Random } from '../../core/random.ts';
import type { KeyBackends } from '../../domain/kms/backend.ts';
import { KEY_STORES, type KeyStoreRecord } from '../../domain/kms/key-store.ts';
import { KEY_STORE_SERVICE } from '../../domain/kms/key-store-role.ts';
import { type ServiceDeed, serviceEvent } from '../../domain/service-event.ts';
import type { Place, Reader } from '../../domain/storage.ts';
import type { TaskContext, TaskHandler, TaskOutcome } from '../../domain/tasks.ts';
import type { ServiceClient } from '../../operation/service-client.ts';
import { CONNECT_TASK, type ConnectionTask, DISCONNECT_TASK, moveStore } from '../move-store.ts';
import type { MemberPorts } from '../open-member.ts';
import type { Timers } from '../timers.ts';
import { type Attempt, CONNECT_LIMITS, type ConnectLimits, type ConnectPorts } from './attempt.ts';
import { type Connected, connect } from './connect.ts';
import { ConnectFailure, Superseded } from './failure.ts';
import { Serial } from './serial.ts';
import { knownParts, takeBack } from './take-back.ts';

interface ConnectionLog {
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

export interface ConnectionsOptions extends MemberPorts {
  readonly services: ServiceClient;
  readonly fabric: ConnectPorts['fabric'];
  readonly backends: KeyBackends;
  readonly read: Reader;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: ConnectionLog;
  readonly limits?: Partial<ConnectLimits>;
}

/** All work on the connections of key stores, and on what KMS makes in the account's network for them. */
export interface Connections {
  /** The durable tasks behind ConnectKeyStore and DisconnectKeyStore: one for each epoch of a store's connection. */
  readonly tasks: readonly TaskHandler<ConnectionTask>[];
  /**
   * Removes what is left of a disconnected store's parts, for its deletion; the ids of what stays. Throws
   * {@link Superseded}, with the parts that a connect may need untouched, when the store is no longer in the epoch of
   * `store`.
   */
  clearAway(place: Place, store: KeyStoreRecord): Promise<readonly string[]>;
}

export function createConnections(options: ConnectionsOptions): Connections {
  const { backends, random, log } = options;
  const limits = { ...CONNECT_LIMITS, ...options.limits };
  // On one node, an attempt to connect has stopped before the disconnect or deletion that overtook it begins to take
  // things back. Between nodes the epoch does: overtaken work stops before its next step, and what it still makes
  // carries the store's name and is found by the next connect or by the deletion.
  const serial = new Serial(options.timers, limits.turnMs);
  const turnOf = (place: Place, keyStoreId: string): string => `${place.account}/${place.region}/${keyStoreId}`;

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

  /** The store while it is in the state and epoch that the work is for. */
  const current = async (
    read: Pick<Reader, 'get'>,
    place: Place,
    work: Pick<KeyStoreRecord, 'keyStoreId' | 'epoch'>,
    connection: KeyStoreRecord['connection'],
  ): Promise<KeyStoreRecord | undefined> => {
    const store = await read.get(KEY_STORES, place, work.keyStoreId);
    return store?.epoch === work.epoch && store.connection === connection ? store : undefined;
  };

  /** To be asked before each step: work that has been overtaken goes no further. */
  const whileCurrent = (read: Pick<Reader, 'get'>, place: Place, store: KeyStoreRecord) => async (): Promise<void> => {
    if ((await current(read, place, store, store.connection)) === undefined) throw new Superseded();
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
      const store = await current(tx, context.place, task, 'Connecting');
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
      const store = await current(tx, context.place, task, 'Connecting');
      if (store === undefined) return;
      const { code, message } = failure;
      const news = { at: context.clock.now().getTime(), error: { code, message } };
      await moveStore(tx, context.place, store, 'refused', news, { leftOver });
      const data = { ConnectionErrorCode: code, RemainingResources: [...leftOver] };
      await tx.audit(deed(context, store, 'KeyStoreConnectFailed', { data, error: { code, message } }));
    },
  });

  /**
   * What stays of a store's network parts, as far as can be found out now; undefined when it is worth another try. Of no
   * meaning when the store has moved on, as then nothing is committed.
   */
  const takenBack = async (
    context: TaskContext,
    store: KeyStoreRecord,
    mayRetry: boolean,
  ): Promise<readonly string[] | undefined> => {
    const { place, read } = context;
    try {
      return await takeBack({ ports: options, place, store, before: whileCurrent(read, place, store) });
    } catch (error) {
      if (error instanceof Superseded) return [];
      if (mayRetry) return undefined;
      log.error({ err: error, keyStoreId: store.keyStoreId }, 'network parts of a key store could not be taken back');
      return knownParts(store);
    }
  };

  const attemptConnect = async (context: TaskContext, task: ConnectionTask): Promise<TaskOutcome> => {
    const store = await current(context.read, context.place, task, 'Connecting');
    if (store === undefined) return { end: 'done' };
    const ports: ConnectPorts = { ...options, read: context.read, limits };
    const attempt: Attempt = { ports, place: context.place, store };
    try {
      const result = await connect(attempt, whileCurrent(context.read, context.place, store));
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
    const store = await current(context.read, context.place, task, 'Disconnecting');
    if (store === undefined) return { end: 'done' };
    await backends.close(context.place, store.keyStoreId);
    const leftOver = await takenBack(context, store, timeLeft(context, store));
    if (leftOver === undefined) return again(context);
    return {
      end: 'done',
      commit: async (tx) => {
        const now = await current(tx, context.place, task, 'Disconnecting');
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
      serial.run(turnOf(context.place, task.keyStoreId), () => work(context, task));

  return {
    tasks: [
      { type: CONNECT_TASK, run: inTurn(attemptConnect) },
      { type: DISCONNECT_TASK, run: inTurn(disconnect) },
    ],
    clearAway: (place, store) =>
      serial.run(turnOf(place, store.keyStoreId), async () => {
        const before = whileCurrent(options.read, place, store);
        await before();
        return takeBack({ ports: options, place, store, before, permissionsGone: true });
      }),
  };
}
