import { type ChildProcess, spawn } from 'node:child_process';
import { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { HsmError, type HsmErrorCode, isHsmErrorCode } from '../domain/hsm-errors.ts';
import { decodeFields, encodeFrame, FrameReader, type Op, STATUS } from '../hsm-worker/protocol.ts';

interface Pending {
  readonly resolve: (fields: Buffer[]) => void;
  readonly reject: (error: HsmError) => void;
  readonly deadline: number;
}

const MAIN = fileURLToPath(new URL('../hsm-worker/main.ts', import.meta.url));
const STDERR_KEPT = 2_000;

/**
 * One life of an HSM's child process. Calls are written together once per turn of the event loop. A call that passes
 * its deadline costs the process its life, as a module that hangs cannot be interrupted otherwise.
 */
export class WorkerProcess {
  readonly deviceId: string;
  /** Resolves, with a sentence for operators, when the process is gone; never rejects. */
  readonly exited: Promise<string>;
  readonly #child: ChildProcess;
  readonly #socket: Duplex;
  readonly #limit: number;
  readonly #pending = new Map<number, Pending>();
  #queue: Buffer[] = [];
  #scheduled = false;
  #nextId = 1;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #ended: string | undefined;
  /** The connection ended first: how the process ended says more. */
  #lost = false;
  #pinRefused = false;
  #stderr = '';

  /** `environment` is all the child gets to see of ours. */
  constructor(deviceId: string, environment: Readonly<Record<string, string>>, pendingCalls: number) {
    this.deviceId = deviceId;
    this.#limit = pendingCalls;
    // A module that crashes must not leave its memory, PIN and keys in a core file; exec keeps the process id.
    this.#child = spawn('/bin/sh', ['-c', 'ulimit -c 0; exec "$0" "$1"', process.execPath, MAIN], {
      env: { ...environment },
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      cwd: '/',
    });
    // Where no descriptors are left there are no pipes either; 'error' follows and says so.
    const pipes = this.#child.stdio as readonly unknown[] | undefined;
    const pipe = pipes?.[3] as Duplex | undefined;
    this.#socket = pipe ?? new Duplex({ read: () => {}, write: (_chunk, _encoding, done) => done() });
    this.exited = new Promise((resolve) => {
      const done = (why: string): void => {
        this.#end(this.#ended ?? why);
        resolve(this.#lost ? why : (this.#ended ?? why));
      };
      this.#child.once('error', (error: NodeJS.ErrnoException) =>
        done(`the process could not be started (${error.code})`),
      );
      this.#child.once('exit', (code, signal) =>
        done(`the process ended (${signal ?? `exit ${code}`})${this.#startupText()}`),
      );
    });
    const reader = new FrameReader();
    this.#socket.on('data', (chunk: Buffer) => {
      try {
        reader.push(chunk, (id, status, body) => this.#answer(id, status, body));
      } catch {
        this.kill('the process sent garbage');
      }
    });
    this.#socket.on('error', () => this.#lose());
    this.#socket.on('close', () => this.#lose());
    // Only what is said before the first answer is kept: no secret has been handed over by then.
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      if (this.#nextId <= 2 && this.#stderr.length < STDERR_KEPT) this.#stderr += chunk.toString('utf8');
    });
  }

  get pid(): number | undefined {
    return this.#ended === undefined ? this.#child.pid : undefined;
  }

  get pending(): number {
    return this.#pending.size;
  }

  get alive(): boolean {
    return this.#ended === undefined;
  }

  /** The HSM refused a PIN of ours: starting over would only bring it nearer to locking. */
  get pinRefused(): boolean {
    return this.#pinRefused;
  }

  /** Sends one request; resolves with copies of the answer's fields. */
  call(op: Op, fields: readonly Uint8Array[], timeoutMs: number): Promise<Buffer[]> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) {
        reject(this.#error('Unreachable', this.#ended));
        return;
      }
      if (this.#pending.size >= this.#limit) {
        reject(this.#error('Busy', `${this.#limit} calls are waiting already`));
        return;
      }
      const id = this.#nextId;
      this.#nextId = (id + 1) >>> 0;
      const deadline = performance.now() + timeoutMs;
      this.#pending.set(id, { resolve, reject, deadline });
      this.#watch(deadline);
      this.#queue.push(encodeFrame(id, op, fields));
      if (!this.#scheduled) {
        this.#scheduled = true;
        setImmediate(() => this.#flush());
      }
    });
  }

  /** Ends the process at once; every waiting call is refused. */
  kill(why: string): void {
    if (this.#ended === undefined) this.#end(why);
    this.#child.kill('SIGKILL');
  }

  #lose(): void {
    if (this.#ended !== undefined) return;
    this.#lost = true;
    this.#end('the connection to its process broke');
    // It exits by itself when it notices, unless it hangs.
    setTimeout(() => this.#child.kill('SIGKILL'), 1_000).unref();
  }

  #flush(): void {
    this.#scheduled = false;
    const frames = this.#queue;
    this.#queue = [];
    if (this.#ended !== undefined || frames.length === 0) return;
    this.#socket.write(frames.length === 1 ? frames[0]! : Buffer.concat(frames));
  }

  #answer(id: number, status: number, body: Buffer): void {
    const call = this.#pending.get(id);
    if (call === undefined) throw new Error('answer to nothing');
    const fields = decodeFields(body, 5);
    this.#pending.delete(id);
    if (status === STATUS.ok) {
      for (let index = 0; index < fields.length; index += 1) fields[index] = Buffer.from(fields[index]!);
      call.resolve(fields);
      return;
    }
    if (status === STATUS.pinRefused) this.#pinRefused = true;
    const code = fields[0]?.toString('utf8') ?? '';
    call.reject(this.#error(isHsmErrorCode(code) ? code : 'DeviceFailed', fields[1]?.toString('utf8') ?? ''));
  }

  /** One timer for all calls, set to the earliest deadline it may have missed. */
  #watch(deadline: number): void {
    if (deadline >= this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = deadline;
    this.#timer = setTimeout(() => this.#expire(), Math.max(1, Math.ceil(deadline - performance.now())));
    this.#timer.unref();
  }

  #expire(): void {
    this.#timerAt = Number.POSITIVE_INFINITY;
    const now = performance.now();
    let next = Number.POSITIVE_INFINITY;
    let late = false;
    for (const [id, call] of this.#pending) {
      if (call.deadline <= now) {
        late = true;
        this.#pending.delete(id);
        call.reject(this.#error('Timeout', 'no answer in time'));
      } else if (call.deadline < next) next = call.deadline;
    }
    if (late) this.kill('a call got no answer in time');
    else if (next < Number.POSITIVE_INFINITY) this.#watch(next);
  }

  #end(why: string): void {
    if (this.#ended !== undefined) return;
    this.#ended = why;
    clearTimeout(this.#timer);
    this.#queue = [];
    const calls = [...this.#pending.values()];
    this.#pending.clear();
    for (const call of calls) call.reject(this.#error('Unreachable', why));
    this.#socket.destroy();
  }

  #startupText(): string {
    return this.#stderr === ''
      ? ''
      : `: ${this.#stderr.slice(0, STDERR_KEPT).trim().split('\n').slice(0, 8).join(' | ')}`;
  }

  #error(code: HsmErrorCode, why: string): HsmError {
    return new HsmError(code, this.deviceId, `HSM ${this.deviceId}: ${why}`);
  }
}
