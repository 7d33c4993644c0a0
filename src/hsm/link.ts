import type { Secret } from '../core/secret.ts';
import type { HsmKeySpec, HsmLink, IdentityProof, WrappedKey } from '../domain/hsm-devices.ts';
import { HsmError, type HsmErrorCode } from '../domain/hsm-errors.ts';
import { identityMessage } from '../domain/hsm-identity.ts';
import { KIND_AES } from '../hsm-worker/blob.ts';
import { OP, type Op } from '../hsm-worker/protocol.ts';
import type { Users } from './users.ts';
import type { WorkerProcess } from './worker-process.ts';

const MAX_DATA = 512 * 1024;
/** A self-test and an identity proof do several things, one of them with RSA. */
const SLOW_FACTOR = 5;

/** A {@link HsmLink} over one life of a process. */
export class Link implements HsmLink {
  readonly deviceId: string;
  readonly generation: number;
  readonly closed: Promise<string>;
  readonly #worker: WorkerProcess;
  readonly #users: Users;
  readonly #timeoutMs: number;
  #dropped = false;
  #user: string | undefined;
  #drop: (why: string) => void = () => {};

  constructor(worker: WorkerProcess, generation: number, users: Users, timeoutMs: number) {
    this.deviceId = worker.deviceId;
    this.generation = generation;
    this.#worker = worker;
    this.#users = users;
    this.#timeoutMs = timeoutMs;
    const dropped = new Promise<string>((resolve) => {
      this.#drop = resolve;
    });
    this.closed = Promise.race([worker.exited, dropped]);
  }

  get open(): boolean {
    return !this.#dropped && this.#worker.alive;
  }

  async identity(challenge: Uint8Array): Promise<IdentityProof> {
    if (challenge.length < 16 || challenge.length > 64)
      throw this.#error('InvalidRequest', 'a challenge has 16 to 64 bytes');
    const answer = await this.#call(OP.identity, [identityMessage(challenge)], SLOW_FACTOR);
    return { signature: answer[0]!, certificates: { owner: answer[1]!, cluster: answer[2]! } };
  }

  async login(user: string, password: Secret): Promise<void> {
    if (!this.open) throw this.#gone();
    this.#user = undefined;
    await this.#users.verify(user, password);
    if (!this.open) throw this.#gone();
    this.#user = user;
  }

  logout(): void {
    this.#user = undefined;
  }

  async selfTest(): Promise<void> {
    await this.#keyCall(OP.selfTest, [], SLOW_FACTOR);
  }

  async generateKey(spec: HsmKeySpec): Promise<WrappedKey> {
    const parameter = Buffer.alloc(2);
    parameter.writeUInt16BE(spec.bits);
    const answer = await this.#keyCall(OP.generate, [Buffer.of(KIND_AES), parameter]);
    return { blob: answer[0]! };
  }

  async loadCheck(blob: Uint8Array): Promise<Uint8Array> {
    return first(await this.#keyCall(OP.loadCheck, [blob]));
  }

  async forget(blob: Uint8Array): Promise<void> {
    await this.#keyCall(OP.forget, [blob]);
  }

  aesGcmEncrypt(blob: Uint8Array, iv: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Promise<Uint8Array> {
    return this.#gcm(OP.encrypt, blob, iv, aad, plaintext);
  }

  aesGcmDecrypt(blob: Uint8Array, iv: Uint8Array, aad: Uint8Array, ciphertext: Uint8Array): Promise<Uint8Array> {
    return this.#gcm(OP.decrypt, blob, iv, aad, ciphertext);
  }

  async generateRandom(count: number): Promise<Uint8Array> {
    if (!Number.isInteger(count) || count < 1 || count > 4096) {
      throw this.#error('InvalidRequest', 'random bytes come 1 to 4096 at a time');
    }
    const field = Buffer.alloc(2);
    field.writeUInt16BE(count);
    return first(await this.#keyCall(OP.random, [field]));
  }

  close(): void {
    this.#dropped = true;
    this.#user = undefined;
    this.#drop('the link was closed');
  }

  #gcm(op: Op, blob: Uint8Array, iv: Uint8Array, aad: Uint8Array, data: Uint8Array): Promise<Uint8Array> {
    if (data.length > MAX_DATA + 16 || aad.length > MAX_DATA / 4 || blob.length > MAX_DATA / 4) {
      return Promise.reject(this.#error('InvalidRequest', 'the data are too large for one call'));
    }
    return this.#keyCall(op, [blob, iv, aad, data]).then(first);
  }

  #keyCall(op: Op, fields: readonly Uint8Array[], slow = 1): Promise<Buffer[]> {
    if (this.#user === undefined && this.open)
      return Promise.reject(this.#error('NotLoggedIn', 'nobody has logged in'));
    return this.#call(op, fields, slow);
  }

  #call(op: Op, fields: readonly Uint8Array[], slow: number): Promise<Buffer[]> {
    if (this.#dropped) return Promise.reject(this.#gone());
    return this.#worker.call(op, fields, slow * this.#timeoutMs);
  }

  #gone(): HsmError {
    return this.#error('Unreachable', 'the link is closed');
  }

  #error(code: HsmErrorCode, why: string): HsmError {
    return new HsmError(code, this.deviceId, `HSM ${this.deviceId}: ${why}`);
  }
}

function first(fields: Buffer[]): Uint8Array {
  return fields[0]!;
}
