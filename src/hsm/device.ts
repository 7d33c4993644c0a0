import { readFile, stat } from 'node:fs/promises';
import { randomText } from '../core/random.ts';
import { Secret } from '../core/secret.ts';
import type { DeviceUsage, HsmLink } from '../domain/hsm-devices.ts';
import { HsmError, type HsmErrorCode } from '../domain/hsm-errors.ts';
import { OP, type OpenRequest, text } from '../hsm-worker/protocol.ts';
import type { DeviceFiles, DeviceRecord } from './device-files.ts';
import { Link } from './link.ts';
import { DEFAULT_LIMITS, type HsmLimits, type HsmOptions } from './options.ts';
import { SerialQueue } from './serial-queue.ts';
import { PinRefused, Supervisor } from './supervisor.ts';
import { Users } from './users.ts';
import type { DeviceConfig, VendorProfile } from './vendors/profile.ts';
import { WorkerProcess } from './worker-process.ts';

const PIN_ALPHABET = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';

/** One HSM handed out: its record, its users, its supervised process, and the short-lived processes of its officer. */
export class Device {
  readonly config: DeviceConfig;
  readonly profile: VendorProfile;
  readonly users: Users;
  readonly supervisor: Supervisor;
  readonly limits: HsmLimits;
  /** Administrative calls run one after another. */
  readonly queue: SerialQueue;
  readonly #files: DeviceFiles;
  readonly #options: HsmOptions;
  #record: DeviceRecord;

  constructor(
    record: DeviceRecord,
    config: DeviceConfig,
    profile: VendorProfile,
    files: DeviceFiles,
    options: HsmOptions,
  ) {
    this.#record = record;
    this.config = config;
    this.profile = profile;
    this.#files = files;
    this.#options = options;
    this.limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.users = new Users(record.deviceId, files);
    this.queue = new SerialQueue(64, () => this.error('Busy', 'too many administrative calls are waiting'));
    this.supervisor = new Supervisor(record.deviceId, this.limits, options.log, () => this.#startMember());
  }

  get deviceId(): string {
    return this.#record.deviceId;
  }

  get record(): DeviceRecord {
    return this.#record;
  }

  get directory(): string {
    return this.#files.directory(this.deviceId);
  }

  get serial(): string {
    return this.config.serial ?? this.config.tokenLabel ?? this.deviceId;
  }

  async save(record: DeviceRecord): Promise<void> {
    await this.#files.save(record);
    this.#record = record;
  }

  async removeFiles(): Promise<void> {
    await this.#files.remove(this.deviceId);
  }

  async dial(timeoutMs: number): Promise<HsmLink> {
    if (this.#record.cluster === undefined) throw this.error('NotInitialised', 'it belongs to no cluster');
    const { worker, generation } = await this.supervisor.ready(timeoutMs);
    return new Link(worker, generation, this.users, this.limits.callTimeoutMs);
  }

  /**
   * Runs `job` in a process of its own, with the token's user logged in or nobody. The officer's work and slow key
   * generation therefore never stand in front of a customer's calls, nor disturb their login.
   */
  async withProcess<T>(login: 'user' | 'nobody', job: (call: AdminCall) => Promise<T>): Promise<T> {
    const worker = await this.#spawn();
    try {
      const call: AdminCall = (op, fields) => worker.call(op, fields, this.limits.adminTimeoutMs);
      await call(OP.open, [this.#openRequest()]);
      if (login === 'user') await call(OP.login, [this.userPin().reveal()]);
      return await job(call);
    } finally {
      worker.kill('the administrative call is over');
      await worker.exited;
    }
  }

  async usage(): Promise<DeviceUsage | undefined> {
    try {
      const answer = await this.supervisor.running?.call(OP.stats, [], this.limits.callTimeoutMs);
      return answer === undefined ? undefined : (JSON.parse(answer[0]!.toString('utf8')) as DeviceUsage);
    } catch {
      return undefined;
    }
  }

  newPin(): Secret {
    return Secret.ofText(randomText(this.#options.random, PIN_ALPHABET, this.profile.limits.pinLength));
  }

  seal(which: 'user' | 'officer', pin: Secret): string {
    return this.#options.sealer.seal(this.#binding(which), pin);
  }

  userPin(): Secret {
    const sealed = this.#record.pins?.user;
    if (sealed === undefined) throw this.error('NotInitialised', 'it is not initialised');
    return this.#unseal('user', sealed);
  }

  /** From the operator's file, or the one made at initialisation; undefined when there is neither. */
  async officerPin(): Promise<Secret | undefined> {
    if (this.config.soPinFile !== undefined)
      return readPinFile(this.config.soPinFile, (why) => this.error('DeviceFailed', why));
    const sealed = (this.#record.pins ?? this.#record.wiping)?.officer;
    return sealed === undefined ? undefined : this.#unseal('officer', sealed);
  }

  error(code: HsmErrorCode, why: string): HsmError {
    return new HsmError(code, this.deviceId, `HSM ${this.deviceId}: ${why}`);
  }

  #unseal(which: string, sealed: string): Secret {
    try {
      return this.#options.sealer.open(this.#binding(which), sealed);
    } catch {
      throw this.error(
        'DeviceFailed',
        `its sealed ${which} PIN does not open; is this the root key it was sealed under?`,
      );
    }
  }

  #binding(which: string): string {
    return `hsm/${this.deviceId}/${which}`;
  }

  async #spawn(): Promise<WorkerProcess> {
    const vendor = await this.profile.open.prepare(this.config, this.directory);
    const environment = { ...vendor, ...this.config.environment };
    return new WorkerProcess(this.deviceId, environment, this.limits.pendingCalls);
  }

  #openRequest(): Buffer {
    const { module } = this.profile;
    const kwp = this.config.kwpMechanism ?? module.mechanisms.kwp;
    const request: OpenRequest = {
      profile: { ...module, mechanisms: { ...module.mechanisms, kwp } },
      library: this.config.library,
      select: this.profile.open.select(this.config, this.#record.label),
      cachedKeys: this.limits.cachedKeys ?? this.profile.limits.cachedKeys,
      memoryBytes: this.limits.memoryBytes,
    };
    return text(JSON.stringify(request));
  }

  async #startMember(): Promise<WorkerProcess> {
    const pin = this.userPin();
    const worker = await this.#spawn();
    try {
      await worker.call(OP.open, [this.#openRequest()], this.limits.startTimeoutMs);
      const [clusterId] = await worker.call(OP.login, [pin.reveal()], this.limits.startTimeoutMs);
      if (clusterId?.toString('hex') !== this.#record.cluster?.clusterId) {
        throw this.error('DeviceFailed', 'its token holds another cluster key than expected, or none');
      }
      return worker;
    } catch (error) {
      worker.kill('the start failed');
      // The process's own last words say more than that it is gone.
      const why = await worker.exited;
      if (worker.pinRefused) throw new PinRefused(this.deviceId);
      throw error instanceof HsmError && error.code === 'Unreachable' ? this.error('Unreachable', why) : error;
    }
  }
}

/** One request of an administrative job. */
export type AdminCall = (op: (typeof OP)[keyof typeof OP], fields: readonly Uint8Array[]) => Promise<Buffer[]>;

async function readPinFile(path: string, fail: (why: string) => HsmError): Promise<Secret> {
  try {
    if (((await stat(path)).mode & 0o077) !== 0) throw fail('soPinFile can be read by others; make its mode 0600');
    const pin = (await readFile(path, 'utf8')).trim();
    if (pin === '') throw fail('soPinFile is empty');
    return Secret.ofText(pin);
  } catch (error) {
    throw error instanceof HsmError ? error : fail('soPinFile cannot be read');
  }
}
