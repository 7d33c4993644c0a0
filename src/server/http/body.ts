import type { IncomingMessage } from 'node:http';
import type { BodyRoom } from './load.ts';

/** The body is larger than the server takes. */
export class BodyTooLarge extends Error {
  readonly limit: number;
  constructor(limit: number) {
    super(`body above ${limit} bytes`);
    this.name = 'BodyTooLarge';
    this.limit = limit;
  }
}

/** The client went away before all of the body had come. */
export class BodyCutOff extends Error {
  constructor() {
    super('the body ended early');
    this.name = 'BodyCutOff';
  }
}

/** The body comes in pieces so small that taking them costs more than serving it. */
export class BodyScattered extends Error {
  constructor() {
    super('the body came in too many pieces');
    this.name = 'BodyScattered';
  }
}

const EMPTY = new Uint8Array(0);
/** Pieces for which their size does not matter, and how many bytes each further one has on the average. */
const FREE_PIECES = 1_024;
const PIECE_BYTES = 64;
const FIRST_BYTES = 4096;

/**
 * A body as it comes in, in one piece of memory. Chunks are copied out of what the parser hands over: kept as they are,
 * a body sent a byte at a time would cost a hundred times its size, and the room would not know.
 */
class Growing {
  readonly #limit: number;
  readonly #room: BodyRoom;
  #bytes: Buffer = Buffer.alloc(0);
  #size = 0;
  #pieces = 0;

  constructor(limit: number, room: BodyRoom) {
    this.#limit = limit;
    this.#room = room;
  }

  add(chunk: Uint8Array): void {
    const size = this.#size + chunk.length;
    if (size > this.#limit) throw new BodyTooLarge(this.#limit);
    this.#pieces += 1;
    if (this.#pieces > FREE_PIECES + size / PIECE_BYTES) throw new BodyScattered();
    if (size > this.#bytes.length) {
      const capacity = Math.min(this.#limit, Math.max(size, 2 * this.#bytes.length, FIRST_BYTES));
      this.#room.grow(capacity);
      const grown = Buffer.allocUnsafeSlow(capacity);
      this.#bytes.copy(grown, 0, 0, this.#size);
      this.#bytes = grown;
    }
    this.#bytes.set(chunk, this.#size);
    this.#size = size;
  }

  /** What came so far. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#size);
  }
}

/** Reads a body of known or unknown length; rejects as soon as it passes the limit, or finds no room. */
export function readBody(request: IncomingMessage, limit: number, room: BodyRoom): Promise<Uint8Array> {
  const length = request.headers['content-length'];
  if (length === '0' || (length === undefined && request.headers['transfer-encoding'] === undefined)) {
    return Promise.resolve(EMPTY);
  }
  if (Number(length ?? 0) > limit) return Promise.reject(new BodyTooLarge(limit));
  return new Promise((resolve, reject) => {
    // No more than was announced, so that the last doubling wastes nothing.
    const body = new Growing(Number(length ?? limit), room);
    const onData = (chunk: Buffer): void => {
      try {
        body.add(chunk);
      } catch (error) {
        // Left unread: the answer says why and closes the connection.
        request.off('data', onData);
        request.pause();
        reject(error);
      }
    };
    request.on('data', onData);
    request.on('end', () => resolve(body.bytes));
    request.on('error', () => reject(new BodyCutOff()));
    request.on('aborted', () => reject(new BodyCutOff()));
  });
}
