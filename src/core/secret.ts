import { timingSafeEqual } from 'node:crypto';
import { inspect } from 'node:util';

/**
 * Bytes that must never reach a log, an audit event, a metric or an error text: plaintexts, passwords, PINs, key
 * material, access key secrets. Prints and serialises as `[secret]`; the bytes come out through {@link Secret.reveal}
 * only, and are overwritten by {@link Secret.wipe}.
 */
export class Secret {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** A secret holding the UTF-8 bytes of `text`. */
  static ofText(text: string): Secret {
    return new Secret(Buffer.from(text, 'utf8'));
  }

  /** Number of bytes held. */
  get length(): number {
    return this.#bytes.length;
  }

  /** The bytes themselves (not a copy). Whoever calls this answers for where they go. */
  reveal(): Uint8Array {
    return this.#bytes;
  }

  /** The bytes read as UTF-8. The string cannot be wiped; use it at the last step only. */
  revealText(): string {
    return Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length).toString('utf8');
  }

  /** Compares in time that depends on the lengths only. */
  equals(other: Secret): boolean {
    return this.#bytes.length === other.#bytes.length && timingSafeEqual(this.#bytes, other.#bytes);
  }

  /** Overwrites the bytes with zeroes. */
  wipe(): void {
    this.#bytes.fill(0);
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}
