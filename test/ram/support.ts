/** Identities and access over a real database: every operation through the real pipeline, with a clock the test moves. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createAccessControl } from '../../src/access/access-control.ts';
import { type Bootstrapped, bootstrap } from '../../src/access/bootstrap.ts';
import { type Authenticator, createAuthenticator } from '../../src/access/credentials.ts';
import { createOpenSession } from '../../src/access/open-session.ts';
import { createSessionTokens } from '../../src/access/session-tokens.ts';
import { uuid } from '../../src/core/random.ts';
import { Secret } from '../../src/core/secret.ts';
import type { AuditEvent } from '../../src/domain/audit.ts';
import { keyStoreUsage } from '../../src/domain/kms/key-store-usage.ts';
import type { ProductName } from '../../src/domain/products.ts';
import { RAM_QUOTAS, type RamQuotas } from '../../src/domain/ram/quotas.ts';
import { findRole } from '../../src/domain/ram/role.ts';
import type { UsageProbe } from '../../src/domain/ram/role-usage.ts';
import type { Reader, Storage } from '../../src/domain/storage.ts';
import type { Fault } from '../../src/errors/fault.ts';
import type { Caller, Source } from '../../src/operation/context.ts';
import type { Operation } from '../../src/operation/operation.ts';
import type { ServiceClient } from '../../src/operation/service-client.ts';
import { execute, type Pipeline } from '../../src/pipeline/execute.ts';
import { createServiceClient } from '../../src/pipeline/internal.ts';
import { createRegistry } from '../../src/pipeline/registry.ts';
import { createSealer } from '../../src/seal/sealer.ts';
import { createRoleDeletion, createRoleDeletionForget } from '../../src/slr/deletion-task.ts';
import { openStorage } from '../../src/storage/open.ts';
import { TaskRunner } from '../../src/tasks/runner.ts';
import { Params } from '../../src/wire/params.ts';
import { suiteDatabase } from '../support/database.ts';
import { IDENTITY_OPERATIONS } from './operations.ts';

export const ACCOUNT = '1000000000000001';
export const START = new Date('2026-03-01T08:00:00Z');

/** An answer or an event, to be looked into. */
// biome-ignore lint/suspicious/noExplicitAny: what a client sees of an answer has no type
export type Seen = any;

export interface Identities {
  readonly storage: Storage;
  readonly pipeline: Pipeline;
  readonly authenticator: Authenticator;
  readonly services: ServiceClient;
  readonly bootstrapped: Bootstrapped;
  readonly root: Caller;
  /** Calls an operation; the answer as on the wire. */
  call(caller: Caller, product: ProductName, name: string, values?: Record<string, string>, at?: At): Promise<Seen>;
  /** Calls an operation that must be refused. */
  refusal(caller: Caller, product: ProductName, name: string, values?: Record<string, string>, at?: At): Promise<Fault>;
  /** Makes a user with an AccessKey and, if given, a policy of these statements; the caller it authenticates as. */
  user(name: string, ...statements: object[]): Promise<Caller>;
  /** The caller a key authenticates as now. */
  callerOf(key: { AccessKeyId: string }, securityToken?: string): Promise<Caller>;
  policy(name: string, ...statements: object[]): Promise<void>;
  events(): Promise<AuditEvent[]>;
  advance(ms: number): void;
  /** Runs tasks that are due until none is; moves the clock to the retries of those that failed. */
  settle(): Promise<void>;
}

/** Where a call comes from and goes to, if it matters. */
export interface At {
  readonly region?: string;
  readonly source?: Partial<Source>;
}

export interface IdentitiesOptions {
  readonly quotas?: Partial<RamQuotas>;
  readonly usageProbes?: Readonly<Record<string, UsageProbe>>;
  readonly operations?: readonly Operation[];
}

/** The longest that a task waits to be tried again. */
const RETRY_MS = 300_000;

const random = { bytes: (count: number) => randomBytes(count) };
const quiet = { error: () => {}, warn: () => {}, info: () => {} };
const SOURCE: Source = { ip: '203.0.113.10', secure: true, userAgent: 'test', internal: false };

export function document(...statements: object[]): string {
  return JSON.stringify({ Version: '1', Statement: statements });
}

export const allow = (Action: string | string[], Resource: string | string[] = '*', Condition?: object) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...(Condition === undefined ? {} : { Condition }),
});

/** A trust policy that lets these RAM principals, or a service, in. */
export const trust = (principal: object, Condition?: object) =>
  document({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: principal, ...(Condition && { Condition }) });

export async function openIdentities(options: IdentitiesOptions = {}): Promise<Identities> {
  const directory = mkdtempSync(join(tmpdir(), 'coffer-ram-'));
  const now = { at: START.getTime() };
  const clock = { now: () => new Date(now.at), wall: () => new Date(now.at) };
  const database = await suiteDatabase(directory);
  const storage = await openStorage({
    ...database.location,
    wall: clock.wall,
    nodeId: 'test',
    transactionWaitMs: 10_000,
  });
  const sealer = createSealer(new Secret(randomBytes(32)), random);
  const tokens = createSessionTokens(sealer);
  const bootstrapped = await bootstrap({ storage, sealer, random, now: clock.now(), accountId: ACCOUNT });
  const parts = { tokens, reader: storage.reader, clock };
  const authenticator = createAuthenticator(sealer, parts);
  const quotas = { ...RAM_QUOTAS, ...options.quotas };
  const pipeline: Pipeline = {
    registry: createRegistry([...IDENTITY_OPERATIONS, ...(options.operations ?? [])]),
    parametersOf: (values) => Params.of(values),
    ports: {
      storage,
      clock,
      random,
      access: createAccessControl(sealer),
      throttle: { take: () => true },
      observer: { call: () => {} },
      log: quiet,
      fingerprint: (text) => text,
      elapsed: () => 0,
      portsOf: () => ({ random, sealer, quotas, tokens, linkedRoleExists }),
    },
  };
  const runner = new TaskRunner({
    storage,
    clock,
    handlers: [
      createRoleDeletion({
        usageProbes: options.usageProbes ?? { 'keystore.kms.aliyuncs.com': keyStoreUsage },
        random,
      }),
      createRoleDeletionForget(),
    ],
    log: quiet,
  });
  onTestFinished(async () => {
    await storage.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const call: Identities['call'] = (caller, product, name, values = {}, at = {}) =>
    execute(pipeline, {
      operation: pipeline.registry.of(product, name),
      parameters: Params.of(values),
      caller,
      source: { ...SOURCE, ...at.source },
      region: at.region ?? 'cn-hangzhou',
      requestId: uuid(pipeline.ports.random),
      nonce: undefined,
    });
  const callerOf: Identities['callerOf'] = async (key, token) =>
    (await authenticator.find(key.AccessKeyId, token)).caller;
  const root = await callerOf({ AccessKeyId: bootstrapped.rootKey!.accessKeyId });
  const policy: Identities['policy'] = async (name, ...statements) => {
    await call(root, 'Ram', 'CreatePolicy', { PolicyName: name, PolicyDocument: document(...statements) });
  };
  return {
    storage,
    pipeline,
    authenticator,
    services: createServiceClient(pipeline, createOpenSession(parts), 'cn-hangzhou'),
    bootstrapped,
    root,
    call,
    refusal: (caller, product, name, values, at) =>
      call(caller, product, name, values, at).then(
        (answer) => {
          throw new Error(`${name} was not refused: ${JSON.stringify(answer)}`);
        },
        (fault: Fault) => {
          if (typeof fault.code !== 'string') throw fault;
          return fault;
        },
      ),
    async user(name, ...statements) {
      await call(root, 'Ram', 'CreateUser', { UserName: name });
      const { AccessKey } = await call(root, 'Ram', 'CreateAccessKey', { UserName: name });
      if (statements.length > 0) {
        const PolicyName = `of-${name}`;
        await policy(PolicyName, ...statements);
        await call(root, 'Ram', 'AttachPolicyToUser', { PolicyType: 'Custom', PolicyName, UserName: name });
      }
      return callerOf(AccessKey);
    },
    callerOf,
    policy,
    async events() {
      const query = { account: ACCOUNT, start: new Date(0), end: new Date(2 ** 42), filters: [], limit: 1000 };
      return (await storage.lookupEvents({ ...query, direction: 'FORWARD' })).events;
    },
    advance(ms) {
      now.at += ms;
    },
    async settle() {
      for (let rounds = 0; rounds < 50; rounds += 1) {
        // Started and stopped at once, the runner claims what is due, runs it to its end, and claims no more.
        runner.start();
        await runner.stop(10_000);
        const due = (await storage.nextTaskDue())?.getTime();
        if (due === undefined) return;
        if (due > now.at) {
          if (due - now.at > RETRY_MS) return;
          now.at = due;
        }
      }
      throw new Error('tasks did not come to an end');
    },
  };
}

/** As the server tells KMS. */
async function linkedRoleExists(account: string, roleName: string, read: Reader): Promise<boolean> {
  return (await findRole(read, account, roleName))?.linkedService !== undefined;
}
