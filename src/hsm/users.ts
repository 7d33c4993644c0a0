import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../core/secret.ts';
import { MAX_USERS } from '../domain/hsm-devices.ts';
import { HsmError } from '../domain/hsm-errors.ts';
import type { DeviceFiles, UserRecord } from './device-files.ts';
import { SerialQueue } from './serial-queue.ts';

/** Wrong passwords in a row that lock a user. */
export const LOCKED_AFTER = 5;

const SCRYPT = [32_768, 8, 1] as const;
const HASH_BYTES = 32;
const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$/;

/**
 * The users of one HSM: names, salted password hashes, and how often each was wrong in a row. Kept by the appliance,
 * not by the token, which knows a single user; see docs/inside/decisions. One question is answered at a time, so that
 * guesses cannot be tried side by side.
 */
export class Users {
  readonly #deviceId: string;
  readonly #files: DeviceFiles;
  readonly #queue: SerialQueue;

  constructor(deviceId: string, files: DeviceFiles) {
    this.#deviceId = deviceId;
    this.#files = files;
    this.#queue = new SerialQueue(32, () => this.#error('Busy', 'too many logins are waiting'));
  }

  /** All records, as a clone carries them on. */
  records(): Promise<UserRecord[]> {
    return this.#queue.run(() => this.#files.users(this.#deviceId));
  }

  /** Takes over the records of a clone, or none at all. */
  replace(users: readonly UserRecord[]): Promise<void> {
    return this.#queue.run(() => this.#files.saveUsers(this.#deviceId, users));
  }

  setPassword(name: string, password: Secret): Promise<void> {
    if (!NAME.test(name))
      return Promise.reject(this.#error('InvalidRequest', 'a user name has 1 to 32 letters and digits'));
    if (password.length < 7 || password.length > 32) {
      return Promise.reject(this.#error('InvalidRequest', 'a password has 7 to 32 characters'));
    }
    return this.#queue.run(async () => {
      const salt = randomBytes(16);
      const hash = await derive(password, salt, SCRYPT);
      const others = (await this.#files.users(this.#deviceId)).filter((user) => user.name !== name);
      if (others.length >= MAX_USERS) throw this.#error('InvalidRequest', `an HSM has at most ${MAX_USERS} users`);
      const user: UserRecord = {
        name,
        salt: salt.toString('base64'),
        hash: hash.toString('base64'),
        scrypt: SCRYPT,
        failures: 0,
      };
      await this.#files.saveUsers(this.#deviceId, [...others, user]);
    });
  }

  remove(name: string): Promise<void> {
    return this.#queue.run(async () => {
      const users = await this.#files.users(this.#deviceId);
      await this.#files.saveUsers(
        this.#deviceId,
        users.filter((user) => user.name !== name),
      );
    });
  }

  /**
   * Lets the user in or throws. An attempt is counted on disk before the password is looked at, and taken back when it
   * was right: who pulls the plug in between gains no guess.
   */
  verify(name: string, password: Secret): Promise<void> {
    return this.#queue.run(async () => {
      const users = await this.#files.users(this.#deviceId);
      const user = users.find((entry) => entry.name === name);
      if (user === undefined) throw this.#error('UserNotFound', 'it has no such user');
      if (user.failures >= LOCKED_AFTER)
        throw this.#error('UserLockedOut', 'the user is locked; set the password anew');
      const counted = (failures: number): Promise<void> =>
        this.#files.saveUsers(
          this.#deviceId,
          users.map((entry) => (entry === user ? { ...user, failures } : entry)),
        );
      await counted(user.failures + 1);
      const hash = await derive(password, Buffer.from(user.salt, 'base64'), user.scrypt);
      const known = Buffer.from(user.hash, 'base64');
      if (known.length !== HASH_BYTES || !timingSafeEqual(hash, known)) {
        throw this.#error('InvalidCredentials', `wrong password (${user.failures + 1} of ${LOCKED_AFTER})`);
      }
      await counted(0);
    });
  }

  #error(code: ConstructorParameters<typeof HsmError>[0], why: string): HsmError {
    return new HsmError(code, this.#deviceId, `HSM ${this.#deviceId}: ${why}`);
  }
}

function derive(password: Secret, salt: Buffer, [N, r, p]: UserRecord['scrypt']): Promise<Buffer> {
  const options: ScryptOptions = { N, r, p, maxmem: 256 * N * r };
  return new Promise((resolve, reject) => {
    scrypt(password.reveal(), salt, HASH_BYTES, options, (error, key) => (error ? reject(error) : resolve(key)));
  });
}
