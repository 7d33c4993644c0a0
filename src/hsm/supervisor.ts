import type { DeviceState, DeviceStatus } from '../domain/hsm-devices.ts';
import { HsmError } from '../domain/hsm-errors.ts';
import type { HsmLimits, HsmLog } from './options.ts';
import type { WorkerProcess } from './worker-process.ts';

interface Waiter {
  readonly resolve: (worker: WorkerProcess) => void;
  readonly reject: (error: HsmError) => void;
  readonly timer: NodeJS.Timeout;
}

/** Failures in a row after which a device counts as down. */
const DOWN_AFTER = 4;
const MAX_WAITERS = 1_000;

/**
 * Keeps the process of one device running from its first use on: starts it, replaces it when it dies (at growing
 * intervals), and gives up when the HSM refuses the PIN. Each process is a new generation.
 */
export class Supervisor {
  readonly #deviceId: string;
  readonly #limits: HsmLimits;
  readonly #log: HsmLog;
  readonly #start: () => Promise<WorkerProcess>;
  #state: DeviceState = 'idle';
  #worker: WorkerProcess | undefined;
  #generation = 0;
  #failures = 0;
  #reason: string | undefined;
  #barred = false;
  #held = 0;
  /** Changes whenever a running start or restart must no longer have an effect. */
  #epoch = 0;
  #restart: NodeJS.Timeout | undefined;
  #starting: Promise<void> = Promise.resolve();
  readonly #waiters = new Set<Waiter>();

  /** `start` gives a process that is logged in and ready, or rejects; it must not leave one behind when it does. */
  constructor(deviceId: string, limits: HsmLimits, log: HsmLog, start: () => Promise<WorkerProcess>) {
    this.#deviceId = deviceId;
    this.#limits = limits;
    this.#log = log;
    this.#start = start;
  }

  status(): DeviceStatus {
    return {
      state: this.#state === 'up' && this.running === undefined ? 'suspect' : this.#state,
      pid: this.#worker?.pid,
      generation: this.#generation,
      pending: this.#worker?.pending ?? 0,
      reason: this.#reason,
    };
  }

  /** The running process, if there is one. */
  get running(): WorkerProcess | undefined {
    return this.#worker?.alive === true ? this.#worker : undefined;
  }

  /** The running process, starting one where there is none yet; with its generation. */
  async ready(timeoutMs: number): Promise<{ worker: WorkerProcess; generation: number }> {
    if (this.#held > 0) throw this.#error('Unreachable', 'the HSM is being set up');
    if (this.#state === 'down') throw this.#error('DeviceFailed', this.#reason ?? 'the HSM is down');
    if (this.#state === 'idle') this.#launch();
    const worker = this.running ?? (await this.#wait(timeoutMs));
    return { worker, generation: this.#generation };
  }

  /** Runs `job` while no process of this device runs or can be started. Afterwards everything starts afresh. */
  async hold<T>(job: () => Promise<T>): Promise<T> {
    this.#held += 1;
    await this.stop('the HSM is being set up');
    try {
      return await job();
    } finally {
      this.#held -= 1;
    }
  }

  /** Ends the process and forgets failures: the next use starts anew. */
  async stop(why: string): Promise<void> {
    this.#epoch += 1;
    clearTimeout(this.#restart);
    const worker = this.#worker;
    this.#worker = undefined;
    this.#state = 'idle';
    this.#failures = 0;
    this.#reason = undefined;
    this.#barred = false;
    this.#refuseWaiters(this.#error('Unreachable', why));
    worker?.kill(why);
    await worker?.exited;
    await this.#starting;
  }

  /** Stops for good. */
  async close(): Promise<void> {
    this.#held += 1;
    await this.stop('Coffer is stopping');
  }

  #launch(): void {
    this.#state = 'suspect';
    const epoch = this.#epoch;
    this.#generation += 1;
    const generation = this.#generation;
    this.#starting = this.#start().then(
      async (worker) => {
        if (epoch === this.#epoch) {
          this.#up(worker, generation);
          return;
        }
        worker.kill('the HSM was stopped');
        await worker.exited;
      },
      (error: unknown) => {
        if (epoch === this.#epoch) this.#failed(error);
      },
    );
  }

  #up(worker: WorkerProcess, generation: number): void {
    const epoch = this.#epoch;
    const since = performance.now();
    this.#worker = worker;
    this.#state = 'up';
    this.#reason = undefined;
    this.#log.info({ deviceId: this.#deviceId, pid: worker.pid, generation }, 'HSM process is up');
    for (const waiter of this.#waiters) {
      clearTimeout(waiter.timer);
      waiter.resolve(worker);
    }
    this.#waiters.clear();
    void worker.exited.then((why) => {
      if (epoch !== this.#epoch || this.#worker !== worker) return;
      this.#worker = undefined;
      if (performance.now() - since >= this.#limits.stableMs) this.#failures = 0;
      this.#barred = worker.pinRefused;
      this.#failed(this.#error('Unreachable', why));
    });
  }

  #failed(error: unknown): void {
    const failure =
      error instanceof HsmError ? error : this.#error('DeviceFailed', 'the HSM process cannot be started');
    if (failure instanceof PinRefused) this.#barred = true;
    this.#failures += 1;
    this.#reason = failure.message;
    this.#state = this.#barred || this.#failures >= DOWN_AFTER ? 'down' : 'suspect';
    const fields = { deviceId: this.#deviceId, generation: this.#generation, failures: this.#failures };
    this.#log.warn({ ...fields, reason: failure.message }, `HSM process failed; the HSM is ${this.#state}`);
    if (this.#state === 'down') this.#refuseWaiters(this.#error('DeviceFailed', failure.message));
    if (this.#barred) return;
    const [first, last] = this.#limits.restartMs;
    const delay = Math.min(last, first * 2 ** (this.#failures - 1));
    // A down device stays down until a process is up again, so that callers fail fast meanwhile.
    const state = this.#state;
    this.#restart = setTimeout(() => {
      this.#launch();
      this.#state = state;
    }, delay);
    this.#restart.unref();
  }

  #wait(timeoutMs: number): Promise<WorkerProcess> {
    return new Promise((resolve, reject) => {
      if (this.#waiters.size >= MAX_WAITERS) {
        reject(this.#error('Busy', 'too many wait for its process to start'));
        return;
      }
      const expire = (): void => {
        this.#waiters.delete(waiter);
        reject(this.#error('Timeout', 'its process did not start in time'));
      };
      const waiter: Waiter = { resolve, reject, timer: setTimeout(expire, timeoutMs) };
      this.#waiters.add(waiter);
    });
  }

  #refuseWaiters(error: HsmError): void {
    for (const waiter of this.#waiters) {
      clearTimeout(waiter.timer);
      waiter.reject(error);
    }
    this.#waiters.clear();
  }

  #error(code: 'Unreachable' | 'DeviceFailed' | 'Timeout' | 'Busy', why: string): HsmError {
    const prefix = `HSM ${this.#deviceId}: `;
    return new HsmError(code, this.#deviceId, why.startsWith(prefix) ? why : prefix + why);
  }
}

/** Thrown by `start` when the HSM refused our PIN: no further process is started until {@link Supervisor.stop}. */
export class PinRefused extends HsmError {
  constructor(deviceId: string) {
    super(
      'DeviceFailed',
      deviceId,
      `HSM ${deviceId}: it refuses Coffer's PIN; it is not tried again. Initialise it anew.`,
    );
  }
}
