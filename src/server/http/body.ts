import type { IncomingMessage } from 'node:http';

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

const EMPTY = new Uint8Array(0);

/** Reads a body of known or unknown length; rejects as soon as it passes the limit. */
export function readBody(request: IncomingMessage, limit: number): Promise<Uint8Array> {
  const length = request.headers['content-length'];
  if (length === '0' || (length === undefined && request.headers['transfer-encoding'] === undefined)) {
    return Promise.resolve(EMPTY);
  }
  if (Number(length ?? 0) > limit) return Promise.reject(new BodyTooLarge(limit));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) {
        reject(new BodyTooLarge(limit));
        // Left unread: the answer says why and closes the connection.
        request.pause();
        return;
      }
      chunks.push(chunk);
    });
    request.on('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    request.on('error', () => reject(new BodyCutOff()));
    request.on('aborted', () => reject(new BodyCutOff()));
  });
}
