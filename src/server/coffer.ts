/** Puts the program together: the one place that knows every part. */
import type { Logger } from 'pino';
import { createAccessControl } from '../access/access-control.ts';
import { bootstrap } from '../access/bootstrap.ts';
import { createAuthenticator } from '../access/credentials.ts';
import { createOpenSession } from '../access/open-session.ts';
import { createSessionTokens } from '../access/session-tokens.ts';
import type { Random } from '../core/random.ts';
import type { Secret } from '../core/secret.ts';
import type { HsmDevices } from '../domain/hsm-devices.ts';
import type { ProductName } from '../domain/products.ts';
import { ACCOUNTS, EVERY_ACCOUNT } from '../domain/ram/account.ts';
import type { Storage } from '../domain/storage.ts';
import { OPERATIONS } from '../operations/index.ts';
import type { Pipeline } from '../pipeline/execute.ts';
import { createServiceClient } from '../pipeline/internal.ts';
import type { PipelinePorts } from '../pipeline/ports.ts';
import { createRegistry } from '../pipeline/registry.ts';
import { createFingerprint } from '../seal/fingerprint.ts';
import { openRoot } from '../seal/root.ts';
import { createSealer } from '../seal/sealer.ts';
import { openStorage } from '../storage/open.ts';
import { TaskRunner } from '../tasks/runner.ts';
import { Params } from '../wire/params.ts';
import { ServiceClock } from './clock.ts';
import type { Config } from './config/schema.ts';
import { prepareDataDirectory } from './data-directory.ts';
import type { Finding } from './doctor/check.ts';
import { registerGauges } from './gauges.ts';
import type { Authenticated } from './http/api.ts';
import { standardError } from './line-writer.ts';
import { createLog } from './log.ts';
import { forgottenDevices } from './lost-devices.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { openDevices } from './open-devices.ts';
import { storageOptions, unwrappersOf } from './parts.ts';
import { createProductPorts, type ProductPorts } from './product-ports.ts';
import { assertRegionsServed, noteRegions, servedRegions } from './regions.ts';
import { StartRefused } from './start-refused.ts';
import { systemRandom } from './system-random.ts';
import { createThrottle } from './throttle.ts';

/** What a first start shows once. */
export interface FirstStart {
  readonly accountId: string;
  readonly accessKeyId: string;
  readonly accessKeySecret: Secret;
}

/**
 * Called as soon as the account is durable: the root AccessKey is known this once, and the start may still fail, on a
 * port that is taken for instance.
 */
export type OnFirstStart = (first: FirstStart) => void;

/** The running program, without its listeners. */
export interface Coffer {
  readonly config: Config;
  readonly account: string;
  readonly firstStart: FirstStart | undefined;
  readonly startedAt: Date;
  readonly storage: Storage;
  readonly clock: ServiceClock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly devices: HsmDevices;
  readonly pipeline: Pipeline;
  readonly tasks: TaskRunner;
  readonly authenticate: (accessKeyId: string, securityToken: string | undefined) => Promise<Authenticated>;
  readonly examine: () => Promise<Finding[]>;
  /** Stops tasks, then closes HSMs and database. */
  close(): Promise<void>;
}

/** Closes what was opened, last first; used when a later step of opening fails, and at the end. */
class Openings {
  readonly #closers: (() => Promise<void>)[] = [];
  add(close: () => Promise<void>): void {
    this.#closers.push(close);
  }
  async close(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) await close();
  }
}

const PRUNE_EVERY_MS = 60_000;

/** Lets the storage forget what is past its time; returns what stops it. */
function startPruning(storage: Storage, clock: ServiceClock, log: Logger): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    running = storage.prune(clock.wall()).catch((error: unknown) => log.warn({ err: error }, 'pruning failed'));
  }, PRUNE_EVERY_MS);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}

async function open(config: Config, openings: Openings, onFirstStart: OnFirstStart): Promise<Coffer> {
  const log = createLog(config.log.level);
  const metrics = createMetrics();
  const random = systemRandom;
  const clock = new ServiceClock();
  await prepareDataDirectory(config.dataDir);
  const where = await storageOptions(
    config,
    () => clock.wall(),
    (what, error) => log.warn({ err: error }, what),
  );
  const storage = await openStorage(where);
  openings.add(() => storage.close());
  await clock.load(storage);
  if (config.mode === 'production' && clock.offsetMs !== 0) {
    throw new StartRefused(
      `the clock of this database was moved ${Math.round(clock.offsetMs / 1000)} s ahead by a development server; start it with mode: development, or take another data directory.`,
    );
  }
  const isNew = (await storage.reader.count(ACCOUNTS, EVERY_ACCOUNT)) === 0;
  const forgotten = isNew ? await forgottenDevices(config) : undefined;
  if (forgotten !== undefined) throw new StartRefused(`${forgotten.detail}; ${forgotten.advice}`);
  await assertRegionsServed(config, storage);
  const root = await openRoot(storage, unwrappersOf(config), random, isNew);
  const sealer = createSealer(root, random);
  const named = config.accountId === undefined ? {} : { accountId: config.accountId };
  const made = await bootstrap({ storage, sealer, random, now: clock.now(), ...named });
  if (config.accountId !== undefined && made.accountId !== config.accountId) {
    throw new StartRefused(
      `this database belongs to account ${made.accountId}, not ${config.accountId}; mend accountId, or take another data directory.`,
    );
  }
  const firstStart = made.rootKey && {
    accountId: made.accountId,
    accessKeyId: made.rootKey.accessKeyId,
    accessKeySecret: made.rootKey.secret,
  };
  if (firstStart !== undefined) onFirstStart(firstStart);
  await noteRegions(config, storage);
  const devices = await openDevices(config, { storage, sealer, random, log }, (opened) =>
    openings.add(() => opened.close()),
  );

  const regions = servedRegions(config);
  registerGauges(metrics, { storage, devices, clock, logged: standardError(), account: made.accountId, regions });
  const tokens = createSessionTokens(sealer);
  const sessionParts = { tokens, reader: storage.reader, clock };
  const startedAt = clock.now();
  let products: ProductPorts;
  const ports: PipelinePorts = {
    storage,
    clock,
    random,
    access: createAccessControl(sealer),
    throttle: createThrottle(config.throttle, () => performance.now() / 1000),
    observer: metrics,
    log,
    fingerprint: createFingerprint(root),
    elapsed: () => performance.now() / 1000,
    portsOf: (product: ProductName) => products.ports[product],
  };
  const pipeline: Pipeline = { registry: createRegistry(OPERATIONS), ports, parametersOf: Params.of };
  const services = createServiceClient(pipeline, createOpenSession(sessionParts), config.region);
  products = createProductPorts({
    config,
    storage,
    clock,
    random,
    sealer,
    tokens,
    devices,
    services,
    log,
    startedAt,
  });

  const tasks = new TaskRunner({ storage, clock, handlers: products.tasks, log });
  openings.add(() => tasks.stop(config.shutdownGraceSeconds * 1000));
  openings.add(startPruning(storage, clock, log));
  clock.onMoved(() => tasks.wake());
  const authenticator = createAuthenticator(sealer, sessionParts);
  return {
    config,
    account: made.accountId,
    firstStart,
    startedAt,
    storage,
    clock,
    random,
    log,
    metrics,
    devices,
    pipeline,
    tasks,
    authenticate: (accessKeyId, securityToken) => authenticator.find(accessKeyId, securityToken),
    // Loaded when asked for: most runs never are.
    examine: async () =>
      (await import('./doctor/doctor.ts')).examine({
        config,
        storage,
        storageOptions: where,
        clock,
        devices,
        serving: true,
        storeHealth: products.storeHealth,
      }),
    close: () => openings.close(),
  };
}

/** Opens database, root key, HSMs and everything above them. Throws a typed error that says what is wrong and what to do. */
export async function openCoffer(config: Config, onFirstStart: OnFirstStart = () => {}): Promise<Coffer> {
  const openings = new Openings();
  try {
    return await open(config, openings, onFirstStart);
  } catch (error) {
    await openings.close();
    throw error;
  }
}
