/** The whole program without its listeners, in a directory of its own: for tests that need no client in between. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uuid } from '../../src/core/random.ts';
import type { ProductName } from '../../src/domain/products.ts';
import { Fault } from '../../src/errors/fault.ts';
import type { Caller } from '../../src/operation/context.ts';
import { execute } from '../../src/pipeline/execute.ts';
import { type Coffer, openCoffer } from '../../src/server/coffer.ts';
import { parseConfig } from '../../src/server/config/load.ts';
import { Params } from '../../src/wire/params.ts';
import { suiteDatabase } from './database.ts';

export interface TestPipeline {
  readonly coffer: Coffer;
  readonly account: string;
  readonly directory: string;
  readonly root: Caller;
  /** Calls an operation as `caller`, as if its signature had been verified. Throws the operation's Fault. */
  call(
    caller: Caller,
    product: ProductName,
    operation: string,
    parameters?: Readonly<Record<string, string>>,
  ): Promise<Record<string, unknown>>;
  /** The code of the fault that the call ends with; `OK` when it succeeds. */
  codeOf(
    caller: Caller,
    product: ProductName,
    operation: string,
    parameters?: Readonly<Record<string, string>>,
  ): Promise<string>;
  /** Makes a RAM user with an AccessKey and, when given, a policy attached; returns the caller. */
  user(name: string, policy?: unknown): Promise<Caller>;
  /** Moves the service clock forward. */
  advance(milliseconds: number): void;
  /** Closes and opens the program again over the same directory. */
  reopen(): Promise<void>;
  close(): Promise<void>;
}

/** `configuration` is YAML merged below what tests need (development mode, quiet log). */
export async function openTestPipeline(configuration = ''): Promise<TestPipeline> {
  const directory = await mkdtemp(join(tmpdir(), 'coffer-test-'));
  const database = await suiteDatabase(directory);
  const config = parseConfig(
    `${database.configuration}\nmode: development\nlog: { level: error }\nshutdownGraceSeconds: 5\ndataDir: data\n${configuration}`,
    'test',
    directory,
  );
  let coffer = await openCoffer(config);
  coffer.tasks.start();
  const first = coffer.firstStart!;
  const callerOf = async (accessKeyId: string): Promise<Caller> =>
    (await coffer.authenticate(accessKeyId, undefined)).caller;
  const root = await callerOf(first.accessKeyId);

  const call: TestPipeline['call'] = async (caller, product, operation, parameters = {}) =>
    (await execute(coffer.pipeline, {
      operation: coffer.pipeline.registry.of(product, operation),
      parameters: Params.of(parameters),
      caller,
      source: { ip: '203.0.113.10', secure: true, userAgent: 'test', internal: false },
      region: config.region,
      requestId: uuid(coffer.random),
      nonce: undefined,
    })) as Record<string, unknown>;

  return {
    get coffer() {
      return coffer;
    },
    account: coffer.account,
    directory,
    root,
    call,
    codeOf: async (...args) => {
      try {
        await call(...args);
        return 'OK';
      } catch (error) {
        if (error instanceof Fault) return error.code;
        throw error;
      }
    },
    user: async (name, policy) => {
      await call(root, 'Ram', 'CreateUser', { UserName: name });
      const { AccessKey } = await call(root, 'Ram', 'CreateAccessKey', { UserName: name });
      if (policy !== undefined) {
        await call(root, 'Ram', 'CreatePolicy', {
          PolicyName: `${name}-policy`,
          PolicyDocument: JSON.stringify(policy),
        });
        await call(root, 'Ram', 'AttachPolicyToUser', {
          UserName: name,
          PolicyName: `${name}-policy`,
          PolicyType: 'Custom',
        });
      }
      return callerOf((AccessKey as { AccessKeyId: string }).AccessKeyId);
    },
    advance: (milliseconds) => coffer.clock.set(coffer.clock.offsetMs + milliseconds),
    reopen: async () => {
      await coffer.close();
      coffer = await openCoffer(config);
      coffer.tasks.start();
    },
    close: async () => {
      await coffer.close();
      await database.drop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
