/** KMS through the real pipeline over a real database, without a listener: callers are given, policies are plain rules. */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach } from 'vitest';
import type { Parameters } from '../../src/core/parameters.ts';
import { Secret } from '../../src/core/secret.ts';
import type { AuditEvent } from '../../src/domain/audit.ts';
import { type KeyBackend, type KeyBackends, StoreUnavailable } from '../../src/domain/kms/backend.ts';
import { KEY_STORES, type KeyStoreRecord } from '../../src/domain/kms/key-store.ts';
import type { MessageLimits } from '../../src/domain/kms/message-limit.ts';
import type { Place, Storage } from '../../src/domain/storage.ts';
import { Fault } from '../../src/errors/fault.ts';
import { createSoftwareBackend } from '../../src/keystore/backends/software/software-backend.ts';
import { createKeyDeletion } from '../../src/kms-tasks/key-deletion.ts';
import { createKeyRotation } from '../../src/kms-tasks/key-rotation.ts';
import { createMessageLedger } from '../../src/kms-tasks/message-ledger.ts';
import type { Caller } from '../../src/operation/context.ts';
import type { Operation } from '../../src/operation/operation.ts';
import type { KmsPorts } from '../../src/operations/kms/_product.ts';
import { execute, type Pipeline } from '../../src/pipeline/execute.ts';
import type { Question } from '../../src/pipeline/ports.ts';
import { createRegistry } from '../../src/pipeline/registry.ts';
import { createSealer } from '../../src/seal/sealer.ts';
import { openStorage } from '../../src/storage/open.ts';
import { suiteDatabase } from '../support/database.ts';

export const ACCOUNT = '1000000000000001';
export const REGION = 'cn-hangzhou';
export const PLACE: Place = { account: ACCOUNT, region: REGION };
export const STORE_ID = 'kst-hzz60000000abcdefghij';

const FOLDER = join(import.meta.dirname, '../../src/operations/kms');

/** KMS alone: other products may change without these tests noticing. */
async function kmsOperations(): Promise<Operation[]> {
  const names = readdirSync(FOLDER).filter((file) => /^[A-Z]\w*\.ts$/.test(file) && !file.includes('KeyStore'));
  const modules = await Promise.all(
    names.map((file) => import(join(FOLDER, file)) as Promise<Record<string, Operation>>),
  );
  return modules.flatMap((module) => Object.values(module));
}

const OPERATIONS = await kmsOperations();

const random = { bytes: (count: number) => new Uint8Array(randomBytes(count)) };

function flat(values: Readonly<Record<string, string>>): Parameters {
  const under = (prefix: string) =>
    Object.fromEntries(
      Object.entries(values).flatMap(([name, value]) =>
        name.startsWith(`${prefix}.`) ? [[name.slice(prefix.length + 1), value]] : [],
      ),
    );
  const numbers = (prefix: string) =>
    [...new Set(Object.keys(under(prefix)).map((name) => Number(name.split('.')[0])))].sort((a, b) => a - b);
  return {
    get: (name) => (Object.hasOwn(values, name) ? values[name] : undefined),
    list: (prefix) => numbers(prefix).flatMap((n) => values[`${prefix}.${n}`] ?? []),
    structs: (prefix) => numbers(prefix).map((n) => flat(under(`${prefix}.${n}`))),
    group: (prefix) => flat(under(prefix)),
    names: () => Object.keys(values),
  };
}

export type Answer = Record<string, unknown> & { readonly KeyMetadata?: Record<string, string> };

/** How a call went: an answer or an error, never both. */
export interface Outcome {
  readonly answer?: Answer;
  readonly code?: string;
  readonly message?: string;
  readonly status?: number;
  /** The explanation of a refusal. */
  readonly detail?: unknown;
}

/** A caller who may do what the rule says. */
export type Rule = (question: Question) => boolean;

/** A private key store made of the software backend, so that what a store adds can be tested without HSMs. */
export interface FakeStores {
  readonly randomDrawn: number[];
  readonly forgotten: string[];
  /** Members that do not say that they dropped the key. */
  readonly silent: string[];
  down: boolean;
}

export interface Bench {
  readonly storage: Storage;
  readonly operations: readonly Operation[];
  readonly stores: FakeStores;
  readonly logged: unknown[];
  /** Calls as the account's root. Throws the fault. */
  ok(operation: string, parameters?: Readonly<Record<string, string>>): Promise<Answer>;
  /** Calls as a user whom `rule` allows things; default: everything. */
  call(operation: string, parameters?: Readonly<Record<string, string>>, rule?: Rule): Promise<Outcome>;
  /** A key in the default store, or in the fake private store. */
  key(changes?: Readonly<Record<string, string>>): Promise<string>;
  /** Moves the service clock and runs the tasks that fall due. */
  advance(ms: number): Promise<void>;
  connect(connection: KeyStoreRecord['connection']): Promise<void>;
  events(name?: string): Promise<readonly AuditEvent[]>;
}

const START = Date.UTC(2026, 2, 1, 8);

function fakeStores(software: KeyBackend): { backends: KeyBackends; stores: FakeStores } {
  const stores: FakeStores = { randomDrawn: [], forgotten: [], silent: [], down: false };
  const alive = <T>(work: () => Promise<T>): Promise<T> =>
    stores.down ? Promise.reject(new StoreUnavailable('no member answers')) : work();
  const backend: KeyBackend = {
    generate: (bits, home) => alive(() => software.generate(bits, home)),
    encrypt: (...args) => alive(() => software.encrypt(...args)),
    decrypt: (...args) => alive(() => software.decrypt(...args)),
    random: (count) =>
      alive(() => {
        stores.randomDrawn.push(count);
        return software.random(count);
      }),
    forget: async (_material, home) => {
      stores.forgotten.push(home.versionId);
      return stores.silent;
    },
  };
  const backends: KeyBackends = {
    software,
    store: () => backend,
    close: async () => {},
    health: async () => ({ total: 2, available: 2 }),
  };
  return { backends, stores };
}

export const STORE: KeyStoreRecord = {
  keyStoreId: STORE_ID,
  name: 'payments',
  description: '',
  type: 'HSM_CLUSTER',
  creator: ACCOUNT,
  createdAt: START,
  hsmClusterId: 'cluster-1',
  sealedPassword: '',
  securityDomainCertificate: '',
  connection: 'Connected',
  connectionChangedAt: START,
  epoch: 1,
  members: [],
  leftOver: [],
};

const benches: (() => Promise<void>)[] = [];
const shared: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of benches.splice(0)) await close();
});
afterAll(async () => {
  for (const close of shared.splice(0)) await close();
});

/** Opens everything over a fresh database; closed after the last test of the file. */
export function openSharedBench(): Promise<Bench> {
  return open(shared);
}

/** Opens everything over a fresh database; closed after the test. */
export function openBench(limits?: MessageLimits, quotas?: Partial<KmsPorts['quotas']>): Promise<Bench> {
  return open(benches, limits, quotas);
}

async function open(
  closers: (() => Promise<void>)[],
  limits?: MessageLimits,
  quotas?: Partial<KmsPorts['quotas']>,
): Promise<Bench> {
  const directory = mkdtempSync(join(tmpdir(), 'coffer-kms-'));
  const clock = { offset: START, now: () => new Date(clock.offset), wall: () => new Date(START) };
  const database = await suiteDatabase(directory);
  const storage = await openStorage({
    ...database.location,
    wall: clock.wall,
    nodeId: 'test',
    transactionWaitMs: 10_000,
  });
  const logged: unknown[] = [];
  const log = {
    error: (fields: object, text: string) => void logged.push({ ...fields, text }),
    warn: (fields: object, text: string) => void logged.push({ ...fields, text }),
    info: (fields: object, text: string) => void logged.push({ ...fields, text }),
  };
  const sealer = createSealer(new Secret(random.bytes(32)), random);
  const { backends, stores } = fakeStores(createSoftwareBackend({ sealer, random }));
  const ports: Omit<KmsPorts, 'services' | 'clearAway' | 'linkedRoleExists'> = {
    random,
    backends,
    sealer,
    quotas: { keys: 1000, aliases: 1000, keyStores: 10, ...quotas },
    messages: createMessageLedger({ storage, log, ...(limits === undefined ? {} : { limits }) }),
    regions: [REGION],
  };
  const rules = new WeakMap<Caller, Rule>();
  const pipeline: Pipeline = {
    registry: createRegistry(OPERATIONS),
    parametersOf: flat,
    ports: {
      storage,
      clock,
      random,
      log,
      throttle: { take: () => true },
      observer: { call: () => {} },
      fingerprint: (text) => text,
      elapsed: () => 0,
      portsOf: () => ports,
      access: {
        decide: async (question) => {
          if (rules.get(question.caller)?.(question) ?? true) return { allowed: true };
          return {
            allowed: false,
            detail: {
              AuthAction: question.action,
              AuthPrincipalType: 'SubUser',
              AuthPrincipalOwnerId: ACCOUNT,
              AuthPrincipalDisplayName: 'ann',
              NoPermissionType: 'ImplicitDeny',
              PolicyType: 'AccountLevelIdentityBasedPolicy',
              AuthResource: question.resources[0] ?? '*',
              Explanation: JSON.stringify([...question.conditions]),
              MissingStatement: JSON.stringify({ Resource: question.resources }),
            },
            diagnostic: {
              action: question.action,
              resource: '*',
              conditions: [],
              principal: { type: 'SubUser', ownerId: ACCOUNT, displayName: 'ann' },
              explicitDeny: false,
              policyType: 'AccountLevelIdentityBasedPolicy',
              matched: [],
            },
          };
        },
        encode: () => 'AQ',
      },
    },
  };
  const handlers = [createKeyDeletion({ backends, random }), createKeyRotation({ backends, random })];
  closers.push(async () => {
    await storage.close();
    rmSync(directory, { recursive: true, force: true });
  });
  await storage.transaction((tx) => tx.insert(KEY_STORES, PLACE, STORE));

  const run = (name: string, parameters: Readonly<Record<string, string>>, rule: Rule | undefined) => {
    const caller: Caller = {
      principal: { kind: 'user', account: ACCOUNT, userId: '200000000000000001', userName: 'ann' },
      accessKeyId: 'LTAItest',
      identity: { type: 'ram-user', principalId: '200000000000000001', accountId: ACCOUNT, userName: 'ann' },
    };
    if (rule !== undefined) rules.set(caller, rule);
    return execute(pipeline, {
      operation: pipeline.registry.of('Kms', name),
      parameters: flat(parameters),
      caller,
      source: { ip: '127.0.0.1', secure: true, userAgent: 'test', internal: false },
      region: REGION,
      requestId: randomUUID(),
      nonce: undefined,
    }) as Promise<Answer>;
  };
  const bench: Bench = {
    storage,
    operations: OPERATIONS,
    stores,
    logged,
    ok: (name, parameters = {}) => run(name, parameters, undefined),
    call: async (name, parameters = {}, rule) => {
      try {
        return { answer: await run(name, parameters, rule) };
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        return {
          code: error.code,
          message: error.message,
          status: error.status,
          ...(error.detail && { detail: error.detail }),
        };
      }
    },
    key: async (changes = {}) => (await bench.ok('CreateKey', changes)).KeyMetadata!.KeyId!,
    advance: async (ms) => {
      clock.offset += ms;
      const due = await storage.claimTasks({ now: clock.now(), wall: clock.wall(), leaseMs: 60_000, limit: 100 });
      for (const task of due) {
        const handler = handlers.find(({ type }) => type === task.type)!;
        const context = { ...task, taskId: task.id, clock, storage, read: storage.reader };
        const outcome = await handler.run(context, task.payload as never);
        if (outcome.end !== 'done') throw new Error('these tasks end at once');
        await storage.transaction(async (tx) => {
          if (await task.finish(tx)) await outcome.commit?.(tx);
        });
      }
    },
    connect: (connection) => storage.transaction((tx) => tx.update(KEY_STORES, PLACE, { ...STORE, connection })),
    events: async (name) => {
      const { events } = await storage.lookupEvents({
        account: ACCOUNT,
        start: new Date(0),
        end: new Date(START + 1e12),
        direction: 'FORWARD',
        filters: name === undefined ? [] : [{ field: 'EventName', value: name }],
        limit: 1000,
      });
      return events;
    },
  };
  return bench;
}
